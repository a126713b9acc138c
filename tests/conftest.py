"""Small real games for every test that needs one: MLPs of width 8 on points, a few iterations long."""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning import Callback, Trainer
from lightning.pytorch.loggers import Logger
from torch import Tensor

from gan_lightning.data.base import MemoryData
from gan_lightning.data.gaussians import Gaussians
from gan_lightning.losses import Loss, NonSaturating
from gan_lightning.models.base import AdversarialModule
from gan_lightning.models.gan import GAN
from gan_lightning.networks import mlp
from gan_lightning.penalties import Penalty
from gan_lightning.schedules import Constant, Schedule

torch.set_num_threads(1)  # tests share the cores
for library in ("lightning.pytorch", "lightning.fabric"):
    logging.getLogger(library).setLevel(logging.WARNING)

GameFactory = Callable[..., AdversarialModule]


def make_game(
    model: type[AdversarialModule] = GAN,
    loss: Loss | None = None,
    penalties: Mapping[str, Penalty] | None = None,
    optimizer: Callable[..., torch.optim.Optimizer] = partial(torch.optim.Adam, lr=1e-2),
    optimizers: Mapping[str, Callable[..., torch.optim.Optimizer]] | None = None,
    schedule: Schedule | None = None,
    n_critic: int = 1,
    ema: float = 0.9,
    max_grad_norm: float | None = None,
    seed: int = 0,
    norm: Mapping[str, str] | None = None,
    **own: Any,
) -> AdversarialModule:
    """A game on points whose initial weights depend on `seed` alone; `optimizer` is both players' unless `optimizers` is given."""
    norms = {"generator": "none", "discriminator": "none"} | dict(norm or {})
    layers = {"width": 8, "depth": 1, "activation": "relu"}
    torch.manual_seed(seed)
    return model(
        shape=(2,),
        generator=partial(mlp.Generator, latent_dim=2, norm=norms["generator"], **layers),
        discriminator=partial(mlp.Discriminator, norm=norms["discriminator"], **layers),
        loss=loss or NonSaturating(),
        penalties=penalties or {},
        optimizers=optimizers or {"generator": optimizer, "discriminator": optimizer},
        schedule=schedule or Constant(),
        n_critic=n_critic,
        ema=ema,
        max_grad_norm=max_grad_norm,
        seed=seed,
        **own,
    )


def make_points(num_samples: int = 64, batch_size: int = 4, minibatches: int = 1, seed: int = 0) -> Gaussians:
    """A few points of the ring."""
    return Gaussians("ring", None, None, None, num_samples, batch_size=batch_size, minibatches=minibatches, seed=seed)


@pytest.fixture
def small_game() -> GameFactory:
    """`make_game`: a factory of small games."""
    return make_game


@pytest.fixture
def points() -> Callable[..., Gaussians]:
    """`make_points`: a factory of small sets of points."""
    return make_points
