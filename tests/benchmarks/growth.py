"""How an iteration's cost grows with the work: `python tests/benchmarks/growth.py`.

DCGAN on MNIST, from a base of width 32, 32 px, batches of 64 and all images, one of these changed at a time: images a
second of the framework as shipped, and its time over the lean hand-written loop's of the same size. ROUNDS and THREADS
are read from the environment.
"""

import logging
import math
import os
import statistics
import warnings

import torch
from iteration import OURS, QUIET, ROUNDS, Workload, rounds

BASE = {"data.batch_size": 64, "width": 32, "data.size": 32}
GROWN = {"data.batch_size": (16, 64, 256), "width": (16, 32, 64, 128), "data.size": (16, 32, 64)}
BLOCK = 40


def overrides(settings: dict[str, int]) -> list[str]:
    """A command line of these sizes."""
    width = settings["width"]
    players = [f"network.{player}.width={width}" for player in ("generator", "discriminator")]
    others = [f"{key}={value}" for key, value in settings.items() if key != "width"]
    return ["model=dcgan", "data=mnist", "data.download=false", *players, *others]


def line(knob: str, value: int) -> str:
    """Images a second and the ratio to the peer's time."""
    settings = BASE | {knob: value}
    weight = settings["width"] ** 2 * settings["data.size"] ** 2 * settings["data.batch_size"]
    block = max(2, round(BLOCK * 32**4 * 64 / weight))
    found = rounds(Workload(overrides(settings), "gan", min(block, 200)), QUIET, ROUNDS)
    rates = [min(block, 200) * settings["data.batch_size"] / round[OURS] for round in found]
    ratios = [round[OURS] / round["lean"] for round in found]
    error = statistics.stdev(ratios) / math.sqrt(len(ratios)) if len(ratios) > 1 else math.nan
    ratio = f"{statistics.mean(ratios):.3f} +- {error:.3f}"
    return f"{knob:16} {value:5} {statistics.median(rates):9.0f} images/s, ratio {ratio} (n={len(ratios)})"


def main() -> None:
    """One line a size."""
    warnings.filterwarnings("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    torch.set_num_threads(int(os.environ.get("THREADS", "1")))
    for knob, values in GROWN.items():
        for value in values:
            print(line(knob, value), flush=True)


if __name__ == "__main__":
    main()
