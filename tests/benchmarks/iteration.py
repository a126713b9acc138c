"""`make bench`: an iteration of the framework against the same game written by hand, in turns.

`python tests/benchmarks/iteration.py [WORKLOAD ...]` prints, for each workload, each side (`SIDES`) against each peer:
the median over rounds of both milliseconds an iteration, and the geometric mean of their ratios with its standard error
(noise alone takes the arithmetic mean of ratios above 1, whichever way round they are). A round is a block of the
framework's iterations, Lightning's loop included, and as many of each peer, with networks and optimizers of their own
that are the same, in a process of its own that waits while others play. Peers are the leanest loop that people write,
the same with the framework's own levers that leave numbers as they are (layout in memory, one pass for both sides and
for all fakes, freed memory that is kept; not its convolutions), and where there is one the common tutorial's, that of
the perceptrons with workers and, as it is published, without. All peers play in float32, also where the side that is
measured does not.

What the guard and loggers do every 50 iterations hardly happens in a few blocks of a few iterations: the side "watched"
has it in each. What callbacks do every thousand is in none (see `watching.py`). A logged step is computed without
compiling, so the blocks of sides that compile have 50 iterations or more, as all have on a GPU.

Nothing is asserted: machines are noisy, and a time is not a test. ROUNDS, THREADS, SIDES and TINY are read from the
environment. With a GPU everything is on it, and `SIDES="bare,exact,as shipped,fast,compiled,cuda graphs,workers"` has
its levers.
"""

import copy
import logging
import math
import os
import random
import statistics
import tempfile
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from hydra import compose, initialize_config_dir
from lightning import Callback, Trainer
from named import named
from omegaconf import DictConfig
from opponents import ON_GPU, THREADS, TUTORIAL, Opponent, Recipe, clock, settle
from sides import SIDES, as_played, asked, loading
from workers import WORKERS
from workloads import IN_PROCESS, WORKLOADS, Workload

from gan_lightning.im2col import Products, use_im2col
from gan_lightning.train import fit, prepare
from gan_lightning.validation import drop_unchosen

CONF = Path(__file__).resolve().parent.parent.parent / "conf"
OURS, LEANEST = "framework", "lean"
ALL = (LEANEST, "lean, same levers", TUTORIAL, IN_PROCESS)
"""Peers; for others see `frameworks.py`."""
ROUNDS = int(os.environ.get("ROUNDS", "10"))
FAIR = ["schedule=constant", "metrics=[]"]
"""What a peer has no counterpart of, or happens but once a run."""


class Turns(Callback):
    """Lets each peer have its turn behind each block of iterations, and keeps everyone's seconds; the first block
    warms up.

    Args:
        make: peers by name, made where training starts.
        block: iterations.
    """

    def __init__(self, make: Callable[[Any], dict[str, Opponent]], block: int) -> None:
        self.make, self.block = make, block
        self.peers: dict[str, Opponent] = {}
        self.begun = 0.0
        self.rounds: list[dict[str, float]] = []

    def on_train_start(self, trainer: Trainer, pl_module: Any) -> None:
        """Peers start from the same networks."""
        self.peers = self.make(pl_module)

    def on_train_batch_end(self, trainer: Trainer, *rest: Any) -> None:
        """Behind a block."""
        if trainer.global_step % self.block:
            return
        seconds = {OURS: clock() - self.begun}
        turns = random.Random(trainer.global_step).sample([*self.peers], len(self.peers))  # nobody follows the same one
        found = {name: self.peers[name].run(self.block) for name in turns}
        seconds |= {name: found[name] for name in self.peers}
        if trainer.global_step > self.block:
            self.rounds.append(seconds)
        self.begun = clock()

    def teardown(self, trainer: Trainer, pl_module: Any, stage: str) -> None:
        """Nobody plays on."""
        for peer in self.peers.values():
            peer.close()


def composed(overrides: list[str], folder: str) -> DictConfig:
    """The config of a command line."""
    with initialize_config_dir(str(CONF), version_base="1.3"):
        config = compose("config", [f"folder={folder}", f"threads={THREADS}", *FAIR, *overrides])
    drop_unchosen(config)
    return config


def settings(config: DictConfig) -> dict[str, Any]:
    """What a peer has to know of a game's config."""
    optimizer = config.optimizer.discriminator
    penalties = [penalty.weight for penalty in config.penalty.values()]
    return {
        "batch_size": config.data.batch_size,
        "n_critic": config.model.n_critic,
        "lr": optimizer.lr,
        "betas": tuple(optimizer.betas),
        "weight": penalties[0] if penalties else 0.0,
        "ema": config.model.ema,
    }


def rounds(workload: Workload, side: list[str], n: int, against: Sequence[str] = ALL) -> list[dict[str, float]]:
    """Seconds of a block of the framework and of each of the peers `against` it, n times."""
    with tempfile.TemporaryDirectory() as folder:
        config = composed([*workload.command(), *side], folder)
        config.trainer.max_steps = (n + 1) * workload.block
        parts = prepare(config)

        def make(module: Any) -> dict[str, Opponent]:
            recipes = peers(workload, config, module, values_of(parts), against)
            return {name: Opponent(recipe, Path(folder, f"{name}.pt")) for name, recipe in recipes.items()}

        turns = Turns(make, workload.block)
        parts.trainer.callbacks.append(turns)  # type: ignore[attr-defined]
        fit(parts)
    return turns.rounds


def peers(
    workload: Workload, config: DictConfig, module: Any, values: torch.Tensor, chosen: Sequence[str] = ALL
) -> dict[str, Recipe]:
    """Who plays against the framework."""
    generator, discriminator = map(as_torch_has_it, (module.generator, module.discriminator))
    lean = Recipe(workload.peer, generator, discriminator, settings(config), values)
    layout = module.speed.layout(module.device, config.trainer.precision == "bf16-mixed")
    same = {
        "together": module.together,
        "ahead": module.speed.joins(module.generator),
        "channels_last": layout == torch.channels_last,
        "keeps_memory": True,
    }
    found = {LEANEST: lean, "lean, same levers": replace(lean, **same)}
    if workload.size is not None:
        for name in workload.others:
            loop, workers = (TUTORIAL, 0) if name == IN_PROCESS else (name, WORKERS)
            images = (Path(config.data.root), workload.size, workers)
            found[name] = replace(lean, values=None, images=images, loop=loop)
    return {name: recipe for name, recipe in found.items() if name in chosen}


def as_torch_has_it(network: torch.nn.Module) -> torch.nn.Module:
    """Another of the same weights, whose convolutions are not the framework's."""
    copied = copy.deepcopy(network)
    use_im2col(copied, Products.NONE)
    return copied


def recipes(workload: Workload) -> dict[str, Recipe]:
    """The same without a run."""
    with tempfile.TemporaryDirectory() as folder:
        config = composed([*workload.command(), *SIDES["bare"]], folder)
        config.trainer.max_steps = 1
        parts = prepare(config)
        model = parts.model.to(parts.trainer.strategy.root_device)
        return peers(workload, config, model, values_of(parts))


def values_of(parts: Any) -> torch.Tensor:
    values: torch.Tensor = parts.data.train_samples.values
    return parts.data.scale(values) if values.dtype != torch.uint8 else values


def told(name: str, side: str, found: list[dict[str, float]], block: int) -> str:
    """Lines of the table, one a peer."""
    lines = []
    for peer in list(found[0])[1:]:
        ours, theirs = (statistics.median(round[who] for round in found) / block * 1e3 for who in (OURS, peer))
        ratios = [round[OURS] / round[peer] for round in found]
        lines.append(f"{name:15} {side:11} {ours:9.2f} ms, {peer:18} {theirs:9.2f} ms, {ratio(ratios)}")
    return "\n".join(lines)


def ratio(ratios: Sequence[float]) -> str:
    """Their geometric mean and its standard error, with n."""
    mean, error = averaged(ratios)
    return f"ratio {mean:.3f} +- {error:.3f} (n={len(ratios)})"


def averaged(ratios: Sequence[float]) -> tuple[float, float]:
    """Their geometric mean and its standard error."""
    logarithms = list(map(math.log, ratios))
    error = statistics.stdev(logarithms) / math.sqrt(len(ratios)) if len(ratios) > 1 else math.nan
    mean = statistics.geometric_mean(ratios)
    return mean, mean * error


def ready() -> None:
    """Have libraries be quiet, and take a place on the machine."""
    warnings.filterwarnings("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    settle()


def main() -> None:
    """Time the workloads that are asked for, or all."""
    names, sides = named(WORKLOADS), asked("bare,exact,as shipped,fast")
    ready()
    device = torch.cuda.get_device_name() if ON_GPU else f"{torch.get_num_threads()} thread(s)"
    print(f"torch {torch.__version__}, {device}, {ROUNDS} rounds")
    for name in names:
        for side in sides:
            workload, overrides = as_played(name, side)
            with loading(side):
                found = rounds(workload, overrides, ROUNDS)
            print(told(name, side, found, workload.block), flush=True)


if __name__ == "__main__":
    main()
