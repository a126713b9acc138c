"""Two distributions in the plane, to be translated into each other: no download, and seconds instead of hours."""

import math
from collections.abc import Mapping
from typing import Any, final

import torch
from torch import Tensor

from gan_lightning import noise
from gan_lightning.data.base import PointData, Samples
from gan_lightning.data.distributions import Distribution
from gan_lightning.data.gaussians import Gaussians
from gan_lightning.data.pairs import Pairs

_SOURCE = 0x73726367  # "srcg": of the seed, so that no source point is a target point where the two are of one kind


@final
class UnpairedGaussians(Pairs, PointData):
    """A fixed training set of each, drawn from known distributions; both are scaled by one factor to unit RMS.

    Args:
        source: kind, modes, radius and sigma of what is translated, see `Gaussians`.
        target: the same of what it is translated into.
        num_samples: size of each training set.
        **loading: as for `MemoryData`.

    Raises:
        UsageError: a kind can't have such settings.
    """

    def __init__(self, source: Mapping[str, Any], target: Mapping[str, Any], num_samples: int, **loading: Any) -> None:
        super().__init__(**loading)
        seed = noise.mix(loading["seed"], _SOURCE)
        self._source = Gaussians(**source, num_samples=num_samples, **{**loading, "seed": seed})
        self._target = Gaussians(**target, num_samples=num_samples, **loading)
        self._rms = math.sqrt((self.source.rms**2 + self.distribution.rms**2) / 2)

    @property
    def title(self) -> str:
        """Both kinds with their settings."""
        return f"{self._source.title} to {self._target.title}"

    @property
    def shape(self) -> tuple[int, ...]:
        """(2,)."""
        return (2,)

    @property
    def source(self) -> Distribution:
        """What is translated."""
        return self._source.distribution

    @property
    def distribution(self) -> Distribution:
        """What it is translated into."""
        return self._target.distribution

    def load(self) -> Samples:
        """`num_samples` points of the target, float32 (N, 2), the same for the same seed."""
        return self._target.load()

    def load_source(self) -> Samples:
        """The same of the source."""
        return self._source.load()

    def held_out(self, n: int, draw: int) -> Tensor:
        """n fresh points (n, 2) of the target; another `draw`, from 1 on, gives others."""
        return self._target.held_out(n, draw)

    def held_out_source(self, n: int, randomness: torch.Generator | None) -> Tensor:
        """n fresh points (n, 2) of the source."""
        return self.source.sample(n, torch.default_generator if randomness is None else randomness)

    def scale(self, stored: Tensor) -> Tensor:
        """Points of either domain divided by the root mean square coordinate of both."""
        return stored / self._rms

    def restore(self, samples: Tensor) -> Tensor:
        """The networks' units back to the plane's."""
        return samples * self._rms
