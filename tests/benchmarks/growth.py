"""How an iteration's cost grows with the work: `python tests/benchmarks/growth.py`.

DCGAN on MNIST, from a base of width 32, 32 px and batches of 64, one of these changed at a time, the base on folders of
five hundred to fifty thousand pictures in colour, and the ring with sets of a thousand to ten million points: samples
a second under `speed=exact`, and its time over the lean hand-written loop's of the same size, which has its data in
memory. ROUNDS (7 if it isn't set), THREADS and TINY are read from the environment.
"""

import statistics
from dataclasses import replace

from iteration import LEANEST, OURS, ROUNDS, ratio, ready, rounds
from sides import QUIET
from workloads import WORKLOADS, Workload, sized

BASE = {"data.batch_size": 64, "width": 32, "data.size": 32}
GROWN = {"data.batch_size": (16, 64, 256), "width": (16, 32, 64, 128), "data.size": (16, 32, 64)}
BLOCK = 40
RING = WORKLOADS["ring_r1"]
MNIST = ["data=mnist", "data.download=false"]
PICTURES = (500, 5_000, 50_000)
POINTS = (1_000, 100_000, 10_000_000)


def overrides(settings: dict[str, int]) -> list[str]:
    """A command line of these sizes."""
    width = settings["width"]
    players = [f"network.{player}.width={width}" for player in ("generator", "discriminator")]
    others = [f"{key}={value}" for key, value in settings.items() if key != "width"]
    return ["model=dcgan", *players, *others]


def images(knob: str, value: int) -> str:
    """One size of the game on MNIST."""
    settings = BASE | {knob: value}
    weight = settings["width"] ** 2 * settings["data.size"] ** 2 * settings["data.batch_size"]
    block = min(200, max(2, round(BLOCK * 32**4 * 64 / weight)))
    workload = Workload([*overrides(settings), *MNIST], "gan", block)
    return line(knob, value, sized(workload), settings["data.batch_size"])


def pictures(n: int) -> str:
    """The game on a folder of so many."""
    return line("pictures", n, sized(Workload(overrides(BASE), "gan", BLOCK, noise=n)), BASE["data.batch_size"])


def points(n: int) -> str:
    """The ring with so many points."""
    return line("data.num_samples", n, replace(RING, overrides=[*RING.overrides, f"data.num_samples={n}"]), 256)


def line(knob: str, value: int, workload: Workload, batch: int) -> str:
    """Samples a second and the ratio to the peer's time."""
    found = rounds(workload, QUIET, ROUNDS, [LEANEST])
    rates = [workload.block * batch / round[OURS] for round in found]
    ratios = [round[OURS] / round[LEANEST] for round in found]
    return f"{knob:16} {value:9} {statistics.median(rates):9.0f} samples/s, {ratio(ratios)}"


def main() -> None:
    """One line a size."""
    ready()
    for knob, values in GROWN.items():
        for value in values:
            print(images(knob, value), flush=True)
    for n in PICTURES:
        print(pictures(n), flush=True)
    for n in POINTS:
        print(points(n), flush=True)


if __name__ == "__main__":
    main()
