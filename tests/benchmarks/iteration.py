"""`make bench`: an iteration of the framework against the same game written by hand, in turns within one process.

`python tests/benchmarks/iteration.py [WORKLOAD ...]` prints, for each workload, the median over rounds of both sides'
milliseconds an iteration, and the mean of their ratio with its standard error. A round is a block of the framework's
iterations, Lightning's loop included, and as many by hand, with networks and optimizers of their own that are the same.
Nothing is asserted: machines are noisy, and a time is not a test.
"""

import copy
import logging
import math
import os
import statistics
import sys
import tempfile
import time
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from hydra import compose, initialize_config_dir
from lightning import Callback, Trainer
from omegaconf import DictConfig
from peers import LEAN, Peer

from gan_lightning.train import fit, prepare
from gan_lightning.validation import drop_unchosen

CONF = Path(__file__).resolve().parent.parent.parent / "conf"
ROUNDS = int(os.environ.get("ROUNDS", "7"))
FAIR = ["schedule=constant", "metrics=[]"]
"""What a peer has no counterpart of, or happens but once a run."""
SIDES = {
    "bare": ["callbacks=none", "~callbacks.samples", "logger=none"],
    "as shipped": ["~callbacks.progress", "~callbacks.hparams"],
}


@dataclass
class Workload:
    """A game, how its peer is called, and how many iterations a block has."""

    overrides: list[str]
    peer: str
    block: int
    small: list[str] = field(default_factory=list)


def _points(model: str, width: int) -> list[str]:
    sizes = [f"network.{player}.width={width}" for player in ("generator", "discriminator")]
    return [f"model={model}", "data=gaussians", "data.batch_size=256", *sizes]


PERCEPTRON = ["network.generator.width=512", "network.discriminator.width=512", "network.generator.latent_dim=100"]
TUTORIAL = ["data=mnist", "data.size=64", "data.download=false", "data.batch_size=64"]
WORKLOADS = {
    "ring_r1": Workload(_points("r1gan", 64), "r1gan", 100),
    "ring_128": Workload(_points("wgan_gp", 128), "wgan_gp", 30),
    "ring_512": Workload(_points("wgan_gp", 512), "wgan_gp", 5),
    "mnist_mlp": Workload(["model=gan", "data=mnist", "data.download=false", "network=mlp", *PERCEPTRON], "gan", 30),
    "mnist_dcgan": Workload(["model=dcgan", *TUTORIAL], "gan", 3),
    "mnist_wgan_gp": Workload(["model=wgan_gp", *TUTORIAL], "wgan_gp", 1),
    "resnet_wgan_gp": Workload(
        [
            *("model=wgan_gp", "data=mnist", "data.size=32", "data.download=false", "network=resnet"),
            *("network.generator.width=64", "network.discriminator.width=64", "network.discriminator.norm=none"),
        ],
        *("wgan_gp", 1),
    ),
}


class Turns(Callback):
    """Lets the peer have its turn behind each block of iterations, and keeps the seconds of both; the first block of
    either warms up."""

    def __init__(self, peer: Peer, block: int) -> None:
        self.peer, self.block = peer, block
        self.begun = 0.0
        self.rounds: list[tuple[float, float]] = []

    def on_train_batch_end(self, trainer: Trainer, *rest: Any) -> None:
        """Behind a block."""
        if trainer.global_step % self.block:
            return
        end = clock()
        self.peer.run(self.block)
        behind = clock()
        if trainer.global_step > self.block:
            self.rounds.append((end - self.begun, behind - end))
        self.begun = clock()


def clock() -> float:
    """Seconds, when the device is done."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter()


def composed(overrides: list[str], folder: str) -> DictConfig:
    """The config of a command line."""
    with initialize_config_dir(str(CONF), version_base="1.3"):
        config = compose("config", [f"folder={folder}", *FAIR, *overrides])
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


def rounds(workload: Workload, side: list[str], n: int) -> list[tuple[float, float]]:
    """Seconds of a block of the framework and of the peer, n times."""
    with tempfile.TemporaryDirectory() as folder:
        config = composed([*workload.overrides, *side], folder)
        config.trainer.max_steps = (n + 1) * workload.block
        parts = prepare(config)
        players = (copy.deepcopy(player) for player in (parts.model.generator, parts.model.discriminator))
        device = parts.trainer.strategy.root_device
        peer = LEAN[workload.peer](*(player.to(device) for player in players), settings(config), _values(parts))
        turns = Turns(peer, workload.block)
        parts.trainer.callbacks.append(turns)
        fit(parts)
    return turns.rounds


def _values(parts: Any) -> torch.Tensor:
    values: torch.Tensor = parts.data.train_samples.values
    return parts.data.scale(values) if values.dtype != torch.uint8 else values


def told(name: str, side: str, found: list[tuple[float, float]], block: int) -> str:
    """A line of the table."""
    ours, theirs = (statistics.median(each) / block * 1e3 for each in zip(*found, strict=True))
    ratios = [framework / peer for framework, peer in found]
    error = statistics.stdev(ratios) / math.sqrt(len(ratios)) if len(ratios) > 1 else math.nan
    ratio = f"{statistics.mean(ratios):.3f} +- {error:.3f}"
    return f"{name:15} {side:11} {ours:9.2f} ms, by hand {theirs:9.2f} ms, ratio {ratio} (n={len(ratios)})"


def main() -> None:
    """Time the workloads that are asked for, or all."""
    warnings.filterwarnings("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    torch.set_num_threads(int(os.environ.get("THREADS", "1")))
    print(f"torch {torch.__version__}, {torch.get_num_threads()} thread(s), {ROUNDS} rounds")
    for name in sys.argv[1:] or WORKLOADS:
        for side, overrides in SIDES.items():
            print(told(name, side, rounds(WORKLOADS[name], overrides, ROUNDS), WORKLOADS[name].block), flush=True)


if __name__ == "__main__":
    main()
