"""What each lever on an iteration is worth, alone: `python tests/benchmarks/levers.py [LEVER ...]`.

Each is timed with and without, everything else as in `speed=exact`, in turns with the lean hand-written loop, so that a
machine whose speed drifts says the same. The figure is the ratio of both, with its standard error: below 1 the lever is
quicker. ROUNDS, THREADS, ONLY (workloads) and TINY are read from the environment; where that is set, a lever is timed
once, on the first of its workloads, and nobody plays in turns with it.
"""

import math
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
from iteration import LEANEST, OURS, ROUNDS, averaged, ready, recipes, rounds
from lightning.pytorch.profilers import PassThroughProfiler
from named import named
from opponents import Opponent
from sides import LOADER, QUIET, as_played
from torch import Tensor
from workers import FromWorkers
from workloads import TINY, WORKLOADS

from gan_lightning.models.trained import TrainedModule

ONLY = os.environ.get("ONLY", ",".join(WORKLOADS)).split(",")
TURNS = 1 if TINY else 2
AGAINST = [] if TINY else [LEANEST]
OFF_FUSED = [f"optimizer.{player}.fused=false" for player in ("generator", "discriminator")]


@dataclass
class Lever:
    """Where it is measured, and what sets it and leaves it out: overrides, or another piece of the package."""

    workloads: list[str]
    on: list[str] = field(default_factory=list)
    off: list[str] = field(default_factory=list)
    without: dict[str, Any] = field(default_factory=dict)


def _traced(device: torch.device, *keys: int) -> None:
    from gan_lightning.noise import mix

    torch.manual_seed(mix(*keys))


@contextmanager
def _asked_by_nvml() -> Iterator[None]:
    with patch.dict(os.environ, {"PYTORCH_NVML_BASED_CUDA_CHECK": "1"}):
        yield


def _ask_again(module: Any) -> None:
    vars(type(module).training_step).pop("__signature__", None)  # from a run before


def _read_each_time(game: TrainedModule, player: str, terms: Mapping[str, Tensor]) -> None:
    ACCOUNT(game, player, terms)
    for value in terms.values():
        value.item()


def _alone(critique: Any, *rest: Any) -> bool:
    return False


ACCOUNT = TrainedModule.account
BF16, COMPILE = "trainer.precision=bf16-mixed", "speed.compile=true"
IMAGES = ["mnist_dcgan", "mnist_wgan_gp", "resnet_wgan_gp"]
OF_A_PROCESS: dict[str, dict[str, Any]] = {
    "freed memory kept": {"keeps_memory": True},
    "two threads": {"threads": 2},
    "one interop thread": {"interop": 1},
}
"""Levers that stay with a process once they are set: measured on the lean loop's. Two threads want nothing else to run,
for they wait for each other spinning: beside another process on their cores they take fifty times as long."""
LEVERS = {
    "one pass": Lever(["ring_128", "mnist_mlp", "mnist_wgan_gp", "resnet_wgan_gp"], off=["speed.one_pass=false"]),
    "channels_last": Lever(IMAGES, off=["speed.channels_last=false"]),
    "im2col": Lever(["mnist_dcgan", "mnist_wgan_gp", "dcgan_32", "dcgan_cifar"], off=["speed.im2col=false"]),
    "fused Adam": Lever(["ring_128", "mnist_mlp", "mnist_dcgan"], off=OFF_FUSED),
    "Adam that keeps its lists": Lever(
        ["ring_r1", "ring_128", "mnist_dcgan"],
        without={"gan_lightning.models.trained.quickened": lambda optimizer: optimizer},
    ),
    "fakes of all steps at once": Lever(
        ["ring_128", "ring_512"], without={"gan_lightning.models.base.AdversarialModule.row_by_row": False}
    ),
    "hooks asked for once": Lever(
        ["ring_r1", "ring_128"], without={"gan_lightning.models.trained.ask_once": _ask_again}
    ),
    "batches stay where they are": Lever(
        ["ring_r1", "ring_128"], without={"gan_lightning.models.trained.come_as_they_are": lambda module: False}
    ),
    "batches gathered in memory": Lever(["ring_128", "mnist_mlp", "mnist_dcgan"], without={LOADER: FromWorkers}),
    "numbers read where they are logged": Lever(
        ["ring_r1", "ring_128", "mnist_dcgan"],
        without={"gan_lightning.models.trained.TrainedModule.account": _read_each_time},
    ),
    "no idle profiler": Lever(["ring_r1", "ring_128"], without={"gan_lightning.train.Unprofiled": PassThroughProfiler}),
    **{name: Lever(["ring_128", "ring_512", "mnist_dcgan"]) for name in OF_A_PROCESS},
    "frozen discriminator": Lever(
        ["ring_128", "mnist_dcgan"],
        without={"gan_lightning.models.base.AdversarialModule._freeze_discriminator": lambda *rest: None},
    ),
    "R1 on the loss's pass": Lever(["ring_r1"], without={"gan_lightning.critique.Critique._shares_forward": _alone}),
    "CUDA asked without NVML": Lever(["ring_r1"], without={"gan_lightning.train.quick_cuda_check": _asked_by_nvml}),
    "noise seeded without a trace": Lever(["ring_r1"], without={"gan_lightning.noise.seed": _traced}),
    "compile": Lever(["ring_r1", "ring_128", "ring_512"], on=[COMPILE]),
    "bfloat16": Lever(["mnist_mlp", *IMAGES], on=[BF16]),
    "shared fakes": Lever(["ring_r1", "mnist_mlp", "mnist_dcgan"], on=["speed.share_fakes=true"]),
    "R1 every 16th": Lever(["ring_r1"], on=["penalty.r1.every=16"]),
}


def relative(found: list[dict[str, float]]) -> list[float]:
    """The framework's seconds over the lean loop's if that has played, by round."""
    return [round[OURS] / round.get(LEANEST, 1.0) for round in found]


def of_a_process(lever: str, name: str) -> tuple[float, float]:
    """The lean loop's time with the lever over its time without, and its standard error."""
    lean, block = recipes(WORKLOADS[name])[LEANEST], WORKLOADS[name].block
    with tempfile.TemporaryDirectory() as folder:
        both = [replace(lean, **OF_A_PROCESS[lever]), lean]
        sides = [Opponent(recipe, Path(folder, f"{number}.pt")) for number, recipe in enumerate(both)]
        pairs = [[side.run(block) for side in sides] for _ in range(TURNS * ROUNDS + 1)][1:]  # the first warms up
        for side in sides:
            side.close()
    return averaged([with_it / without for with_it, without in pairs])


def measured(lever: Lever, name: str) -> tuple[float, float]:
    """Time with the lever over time without, and its standard error."""
    workload = as_played(name, "compiled" if COMPILE in lever.on else "exact")[0]
    sides: list[list[float]] = [[], []]
    for _ in range(TURNS):  # with, without, with, without
        for side, overrides in zip(sides, (lever.on, lever.off), strict=True):
            patches = [patch(target, new) for target, new in lever.without.items()] if side is sides[1] else []
            with patches[0] if patches else nullcontext():
                side += relative(rounds(workload, [*QUIET, *overrides], ROUNDS, AGAINST))
    (with_it, a), (without, b) = map(averaged, sides)
    return with_it / without, with_it / without * math.hypot(a / with_it, b / without)


def main() -> None:
    """Time the levers that are asked for, or all."""
    names = named(LEVERS)
    ready()
    print(f"torch {torch.__version__}, {torch.get_num_threads()} thread(s), {TURNS} x {ROUNDS} rounds a side")
    for name in names:
        for workload in list(filter(ONLY.__contains__, LEVERS[name].workloads))[: 1 if TINY else None]:
            ratio, error = of_a_process(name, workload) if name in OF_A_PROCESS else measured(LEVERS[name], workload)
            print(f"{name:35} {workload:15} {ratio:.3f} +- {error:.3f}", flush=True)


if __name__ == "__main__":
    main()
