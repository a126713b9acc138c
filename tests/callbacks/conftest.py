"""Pictures need images too: random ones, and a game on them. And a log for the curves."""

import csv
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, final

import pytest
import torch
from torch import Tensor

from gan_lightning.data.base import ImageData, Samples
from gan_lightning.losses import NonSaturating
from gan_lightning.models.gan import GAN
from gan_lightning.networks import dcgan, mlp
from gan_lightning.schedules import Constant
from gan_lightning.speed import Speed


@final
class RandomImages(ImageData):
    """Thirty-two images of noise."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__(batch_size=4, minibatches=1, seed=0, flip=False)
        self._shape = shape

    @property
    def shape(self) -> tuple[int, ...]:
        return self._shape

    @property
    def num_classes(self) -> int:
        return 0

    def load(self) -> Samples:
        randomness = torch.Generator().manual_seed(0)
        return Samples(torch.randint(0, 256, (32, *self.shape), dtype=torch.uint8, generator=randomness), None)

    def test_samples(self) -> Samples:
        return self.load()

    def held_out(self, n: int, draw: int = 1) -> Tensor:
        return self.train_samples.values[:n]


@pytest.fixture
def images() -> Callable[..., RandomImages]:
    """A factory of sets of random images of a shape."""
    return RandomImages


@pytest.fixture
def image_game() -> Callable[..., GAN]:
    """A factory of games on images of a shape; convolutional networks lie in memory pixel by pixel."""

    def make(shape: tuple[int, ...], norm: str = "none", convolutional: bool = False) -> GAN:
        torch.manual_seed(0)
        family: Any = dcgan if convolutional else mlp
        layers = {"width": 8, "norm": norm} | ({} if convolutional else {"depth": 1, "activation": "relu"})
        adam = partial(torch.optim.Adam, lr=1e-2)
        return GAN(
            shape=shape,
            num_classes=0,
            generator=partial(family.Generator, latent_dim=2, **layers),
            discriminator=partial(family.Discriminator, **layers),
            loss=NonSaturating(),
            penalties={},
            optimizers={"generator": adam, "discriminator": adam},
            schedule=Constant(),
            n_critic=1,
            ema=0,
            max_grad_norm=None,
            speed=Speed(one_pass=True, channels_last=convolutional, im2col=False, share_fakes=False, compile=False),
            seed=0,
        )

    return make


@pytest.fixture
def write_log(tmp_path: Path) -> Callable[[Sequence[Mapping[str, object]]], Path]:
    """Writes rows as Lightning's `metrics.csv`, cells that a row doesn't have empty, into the run's folder."""

    def write(rows: Sequence[Mapping[str, object]]) -> Path:
        path = tmp_path / "metrics.csv"
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=sorted({name for row in rows for name in row}))
            writer.writeheader()
            writer.writerows(rows)
        return path

    return write
