"""Labelled games on points, whose classes can be told by hand."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch

from gan_lightning.losses import Hinge
from gan_lightning.models.base import AdversarialModule
from gan_lightning.networks import mlp
from gan_lightning.schedules import Constant
from gan_lightning.speed import Speed


@pytest.fixture
def labelled_game() -> Callable[..., AdversarialModule]:
    """A factory of games of a class with three labels."""

    def make(model: type[AdversarialModule], num_classes: int = 3, norm: str = "batch", **own: Any) -> Any:
        torch.manual_seed(0)
        layers = {"width": 8, "depth": 1, "activation": "relu"}
        adam = partial(torch.optim.Adam, lr=1e-2)
        return model(
            shape=(2,),
            num_classes=num_classes,
            generator=partial(mlp.Generator, latent_dim=4, norm=norm, **layers),
            discriminator=partial(mlp.Discriminator, norm="none", **layers),
            **{"loss": Hinge(), "penalties": {}, "schedule": Constant(), "n_critic": 1, "ema": 0.9} | own,
            optimizers={"generator": adam, "discriminator": adam},
            max_grad_norm=None,
            speed=Speed(one_pass=True, channels_last=False, im2col=False, share_fakes=False, compile=False),
            seed=0,
        )

    return make
