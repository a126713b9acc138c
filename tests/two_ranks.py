"""Small games in float64 that two processes of half the batch and one process must play alike.

As a program, under `torch.distributed.run`, it plays them as one rank of several: `two_ranks.py FOLDER`.
"""

import functools
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from lightning import Callback, LightningModule, Trainer
from torch import Tensor
from torch.overrides import TorchFunctionMode

from gan_lightning import noise
from gan_lightning.data.gaussians import Gaussians
from gan_lightning.data.unpaired_gaussians import UnpairedGaussians
from gan_lightning.losses import LeastSquares, NonSaturating, Wasserstein
from gan_lightning.models.base import AdversarialModule
from gan_lightning.models.cyclegan import CycleGAN
from gan_lightning.models.gan import GAN
from gan_lightning.models.wgan_gp import WGANGP
from gan_lightning.networks import mlp, point_translator
from gan_lightning.penalties import R1, Gradient, Penalty
from gan_lightning.schedules import Constant
from gan_lightning.speed import Speed
from gan_lightning.strategy import AdversarialDDP

RING = {"kind": "ring", "modes": 8, "radius": 1.0, "sigma": 0.05}
SEED, BATCH, STEPS, RANKS = 3, 16, 50, 2


def _game(variant: Any, loss: Any, penalties: Mapping[str, Penalty], norm: str, n_critic: int) -> AdversarialModule:
    layers = _layers(norm)
    return variant(
        generator=functools.partial(mlp.Generator, latent_dim=2, **layers),
        discriminator=functools.partial(mlp.Discriminator, **layers),
        loss=loss,
        penalties=penalties,
        n_critic=n_critic,
        **_settings(),
    )


def _layers(norm: str) -> dict[str, Any]:
    return {"width": 16, "depth": 2, "activation": "relu", "norm": norm}


def _settings() -> dict[str, Any]:
    adam = functools.partial(torch.optim.Adam, lr=1e-3)
    return {
        **{"shape": (2,), "num_classes": 0, "optimizers": {"generator": adam, "discriminator": adam}},
        **{"schedule": Constant(), "ema": 0.9, "max_grad_norm": 1.0, "seed": SEED},
        "speed": Speed(one_pass=True, channels_last=False, im2col=False, share_fakes=False, compile=False),
    }


def pools() -> CycleGAN:
    """A game in which each rank keeps something for itself."""
    layers = _layers("none")
    return CycleGAN(
        cycle=10.0,
        identity=0.0,
        pool=6,
        generator=functools.partial(point_translator.Generator, **layers),
        discriminator=functools.partial(mlp.Discriminator, **layers),
        loss=LeastSquares(0.0, 1.0, 1.0),
        penalties={},
        n_critic=1,
        **_settings(),
    )


GAMES: dict[str, Callable[[], AdversarialModule]] = {
    "wgan_gp": lambda: _game(WGANGP, Wasserstein(), {"gradient": Gradient(1.0, 1.0, False, every=1)}, "layer", 2),
    "r1": lambda: _game(GAN, NonSaturating(), {"r1": R1(0.1, every=1)}, "none", 1),
    "batch_norm": lambda: _game(GAN, NonSaturating(), {}, "batch", 1),
}


class TwoRanksNoise(TorchFunctionMode, Callback):
    """What two ranks would draw for half the batch each, sample by sample in the order of one process's data."""

    def on_train_batch_start(self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int) -> None:
        self.ranks = [noise.generator(SEED, rank, trainer.global_step) for rank in range(RANKS)]

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func not in (torch.randn, torch.rand) or (kwargs or {}).get("generator") is not None:
            return func(*args, **(kwargs or {}))
        n, *rest = args[0] if isinstance(args[0], tuple | torch.Size) else args
        settings = {**(kwargs or {}), "generator": None}
        own = [func((n // RANKS, *rest), **settings | {"generator": generator}) for generator in self.ranks]
        return torch.stack(own, 1).flatten(0, 1)


class Tell(Callback):
    """Keeps the first batch of a rank, and the first noise that it draws after training."""

    first_batch = after = 0.0

    def on_train_batch_start(self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int) -> None:
        if batch_idx == 0:
            self.first_batch = batch.real.sum().item()

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self.after = torch.randn(1).item()


def play(name: str, seed: int, batch_size: int, callback: Callback, **settings: Any) -> AdversarialModule:
    """One game, from weights of that seed."""
    torch.manual_seed(seed)
    game = GAMES[name]()
    data = Gaussians("ring", None, None, None, 640, batch_size=batch_size, minibatches=game.n_critic, seed=SEED)
    trainer(STEPS, precision="64-true", callbacks=[callback], **settings).fit(game, data)
    return game


def trainer(steps: int, **settings: Any) -> Trainer:
    """One that does nothing but train."""
    return Trainer(
        accelerator="cpu",
        max_steps=steps,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        use_distributed_sampler=False,
        **settings,
    )


def alone(name: str) -> dict[str, Tensor]:
    """The state that one process ends with, given the noise of two."""
    mode = TwoRanksNoise()
    with mode:
        game = play(name, SEED, BATCH, mode, devices=1)
    return game.state_dict()


def main(folder: Path) -> None:
    """Play every game as one of the ranks, and leave its weights and what it saw."""
    rank = int(os.environ["RANK"])
    for name in GAMES:
        tell = Tell()
        strategy = AdversarialDDP("unused", meeting_minutes=2, timeout_hours=1)
        apart = SEED + rank  # ranks begin apart: the broadcast must join them
        game = play(name, apart, BATCH // RANKS, tell, devices=RANKS, strategy=strategy, sync_batchnorm=True)
        facts = {"state": game.state_dict(), "seen": tell.first_batch, "noise": tell.after}
        torch.save(facts, folder / f"{name}{rank}")
    resume(folder, 20, rank)


def resume(folder: Path, steps: int, rank: int) -> None:
    """Play the game with pools in one go, and again with a stop between; leave both states."""
    states = []
    for stops in ([steps], [steps // 2, steps]):
        checkpoint = None
        for stop in stops:
            torch.manual_seed(SEED)
            game, data = (
                pools(),
                UnpairedGaussians(RING, RING | {"radius": 3.0}, 96, batch_size=4, minibatches=1, seed=0),
            )
            game.meet(data)
            playing = trainer(
                stop, devices=RANKS, strategy=AdversarialDDP("unused", meeting_minutes=2, timeout_hours=1)
            )
            playing.fit(game, data, ckpt_path=checkpoint)
            checkpoint = folder / f"{stop}.ckpt"
            playing.save_checkpoint(checkpoint)
        states.append(game.state_dict())
    torch.save(states, folder / f"pools{rank}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
