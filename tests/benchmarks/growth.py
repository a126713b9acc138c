"""How an iteration's cost grows with the work: `python tests/benchmarks/growth.py [KNOB ...]`.

DCGAN on MNIST, from a base of width 32, 32 px and batches of 64, one of these changed at a time, the base on folders of
five hundred to fifty thousand pictures in colour, and the ring with sets of a thousand to ten million points: samples
a second under `speed=exact`, and its time over the lean hand-written loop's of the same size, which has its data in
memory. ROUNDS (10 if it isn't set), THREADS and TINY are read from the environment; where that is set, the first two
sizes of each knob are played, as small as everything then is.
"""

import statistics
from collections.abc import Callable
from dataclasses import replace

from iteration import LEANEST, OURS, ROUNDS, ratio, ready, rounds
from named import named
from sides import QUIET
from workloads import LEAST, TINY, WORKLOADS, Workload, sized

BASE = {"data.batch_size": 64, "width": 32, "data.size": 32}
BLOCK = 8
RING = WORKLOADS["ring_r1"]
MNIST = ["data=mnist", "data.download=false"]


def overrides(settings: dict[str, int]) -> list[str]:
    """A command line of these sizes."""
    width = settings["width"]
    players = [f"network.{player}.width={width}" for player in ("generator", "discriminator")]
    others = [f"{key}={value}" for key, value in settings.items() if key != "width"]
    return ["model=dcgan", *players, *others]


def images(knob: str, value: int) -> tuple[Workload, int]:
    """One size of the game on MNIST, and its batches."""
    settings = BASE | {knob: value}
    weight = settings["width"] ** 2 * settings["data.size"] ** 2 * settings["data.batch_size"]
    block = min(40, max(1, round(BLOCK * 32**4 * 64 / weight)))
    return Workload([*overrides(settings), *MNIST], "gan", block), settings["data.batch_size"]


def pictures(knob: str, n: int) -> tuple[Workload, int]:
    """The game on a folder of so many."""
    return Workload(overrides(BASE), "gan", BLOCK, noise=n), BASE["data.batch_size"]


def points(knob: str, n: int) -> tuple[Workload, int]:
    """The ring with so many points."""
    return replace(RING, overrides=[*RING.overrides, f"{knob}={n}"]), 256


GROWN: dict[str, tuple[Callable[[str, int], tuple[Workload, int]], tuple[int, ...]]] = {
    "data.batch_size": (images, (16, 64, 256)),
    "width": (images, (16, 32, 64, 128)),
    "data.size": (images, (16, 32, 64)),
    "pictures": (pictures, (500, 5_000, 50_000)),
    "data.num_samples": (points, (1_000, 100_000, 10_000_000)),
}


def line(knob: str, value: int) -> str:
    """Samples a second and the ratio to the peer's time."""
    workload, batch = GROWN[knob][0](knob, value)
    found = rounds(sized(workload), QUIET, ROUNDS, [LEANEST])
    samples = sized(workload).block * (LEAST if TINY else batch)
    rate = statistics.median(samples / round[OURS] for round in found)
    return f"{knob:16} {value:9} {rate:9.0f} samples/s, {ratio([round[OURS] / round[LEANEST] for round in found])}"


def main() -> None:
    """One line a size of the knobs that are asked for, or of all."""
    knobs = named(GROWN)
    ready()
    for knob in knobs:
        for value in GROWN[knob][1][: 2 if TINY else None]:
            print(line(knob, value), flush=True)


if __name__ == "__main__":
    main()
