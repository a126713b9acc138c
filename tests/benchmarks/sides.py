"""The sides of the framework that are timed.

"exact" has callbacks and loggers as they are by default: what acts every 50 iterations is in its mean where it has
blocks of that many, or many blocks. "watched" is the same with all of that in each block, the most that it can cost
where a block is an iteration or a few. "workers" is "exact" with batches from worker processes.
"""

import os
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from unittest.mock import patch

from named import among
from opponents import ON_GPU
from workers import FromWorkers
from workloads import TINY, WORKLOADS, Workload

SHIPPED = ["~callbacks.progress", "~callbacks.hparams"]
QUIET = [*SHIPPED, "speed=exact"]
SIDES = {
    "bare": ["callbacks=none", "~callbacks.samples", "logger=none", "speed=exact"],
    "exact": QUIET,
    "watched": QUIET,
    "workers": QUIET,
    "as shipped": SHIPPED,
    "fast": [*SHIPPED, "speed=fast"],
    "compiled": [*QUIET, "speed.compile=true"],
    "cuda graphs": [*QUIET, "speed.compile=cuda_graphs"],
}
COMPILED = ("compiled", "cuda graphs")
LOADER = "gan_lightning.data.base.MemoryLoader"
INTERVAL = 50
"""Iterations from one look of the guard to the next, and from one that is logged to the next."""


def asked(default: str) -> list[str]:
    """Those that SIDES in the environment asks for; says which of them this machine can't play."""
    sides = among(os.environ.get("SIDES", default).split(","), SIDES)
    left_out = [] if ON_GPU else [side for side in sides if side == "cuda graphs"]
    for side in left_out:
        print(f"{side}: left out, there is no GPU", flush=True)
    return [side for side in sides if side not in left_out]


def as_played(name: str, side: str) -> tuple[Workload, list[str]]:
    """A workload with blocks for a side, and the side's overrides."""
    workload = WORKLOADS[name]
    if not TINY and (ON_GPU or side in COMPILED):
        workload = replace(workload, block=max(INTERVAL, workload.block))
    every = min(INTERVAL, workload.block)
    often = [f"guard.every={every}", f"trainer.log_every_n_steps={every}"] if side == "watched" else []
    return workload, [*SIDES[side], *often]


def loading(side: str) -> AbstractContextManager[object]:
    """While a side has its batches from where it has them."""
    return patch(LOADER, FromWorkers) if side == "workers" else nullcontext()
