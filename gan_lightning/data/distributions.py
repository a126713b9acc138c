"""Distributions in the plane with known modes: what mode collapse is measured on."""

import math
from abc import ABC, abstractmethod
from functools import cached_property
from typing import ClassVar, final

import torch
from torch import Tensor

from gan_lightning import noise
from gan_lightning.data.kinds import APART, settle, too_crowded


class Distribution(ABC):
    """A distribution of points (N, 2)."""

    rms: float
    """Root mean square coordinate, for scaling."""

    @classmethod
    @abstractmethod
    def make(cls, modes: int | None, radius: float | None, sigma: float | None) -> "Distribution":
        """The distribution with the given settings, None standing for the kind's own. Raises UsageError."""

    @abstractmethod
    def sample(self, n: int, randomness: torch.Generator) -> Tensor:
        """n points, float32 (n, 2)."""

    @property
    @abstractmethod
    def mixture(self) -> "GaussianMixture | None":
        """The distribution as a Gaussian mixture, or None where it isn't one."""


class GaussianMixture(Distribution, ABC):
    """Equally likely isotropic Gaussians with a common standard deviation.

    Args:
        centres: (K, 2).
        sigma: standard deviation, in the units of the centres.
    """

    def __init__(self, centres: Tensor, sigma: float) -> None:
        self.centres = centres
        self.sigma = sigma

    @cached_property
    def rms(self) -> float:  # type: ignore[override]
        """Root mean square coordinate, exact."""
        return math.sqrt(float(self.centres.double().square().mean()) + self.sigma**2)

    def sample(self, n: int, randomness: torch.Generator) -> Tensor:
        """n points, float32 (n, 2)."""
        modes = torch.randint(len(self.centres), (n,), generator=randomness)
        return self.centres[modes] + self.sigma * torch.randn(n, 2, generator=randomness)

    @property
    def mixture(self) -> "GaussianMixture":
        """Itself."""
        return self


@final
class Ring(GaussianMixture):
    """Modes evenly on a circle (Metz et al. 2017; Lin et al. 2018: 8 modes, radius 1, sigma 0.01)."""

    @classmethod
    def make(cls, modes: int | None, radius: float | None, sigma: float | None) -> "Ring":
        """`radius` is the circle's."""
        settings = settle("ring", modes, radius, sigma)
        assert settings.modes is not None
        step = 2 * math.pi / settings.modes  # so the last mode is not the first again
        angles = torch.arange(settings.modes, dtype=torch.float64) * step
        circle = torch.stack([angles.cos(), angles.sin()], dim=1)
        return cls((circle * settings.radius).float(), settings.sigma)


@final
class Grid(GaussianMixture):
    """Modes on a square lattice (Lin et al. 2018: 25 modes on [-4, 4]^2, 2 apart, sigma 0.05)."""

    @classmethod
    def make(cls, modes: int | None, radius: float | None, sigma: float | None) -> "Grid":
        """`radius` is half the side; the number of modes must be a square."""
        settings = settle("grid", modes, radius, sigma)
        assert settings.modes is not None
        side = torch.linspace(-settings.radius, settings.radius, math.isqrt(settings.modes))
        return cls(torch.cartesian_prod(side, side), settings.sigma)


@final
class Random(GaussianMixture):
    """Modes at uniformly random places in a square, the same in every run, no two closer than 8 sigma."""

    PLACES: ClassVar[int] = 1  # seed of the places: part of what the distribution is

    @classmethod
    def make(cls, modes: int | None, radius: float | None, sigma: float | None) -> "Random":
        """`radius` is half the side of the square."""
        settings = settle("random", modes, radius, sigma)
        assert settings.modes is not None
        randomness = noise.generator(cls.PLACES)
        centres = torch.empty(0, 2)
        for _ in range(1000 * settings.modes):
            place = (2 * torch.rand(1, 2, generator=randomness) - 1) * settings.radius
            if len(centres) == 0 or float((centres - place).norm(dim=1).min()) > APART * settings.sigma:
                centres = torch.cat([centres, place])
            if len(centres) == settings.modes:
                return cls(centres, settings.sigma)
        raise too_crowded(settings)


@final
class SwissRoll(Distribution):
    """A spiral of one and a half turns with Gaussian noise about it: one connected mode, no clusters.

    Args:
        radius: of the outer end.
        sigma: standard deviation of the noise.
    """

    def __init__(self, radius: float, sigma: float) -> None:
        self.radius, self.sigma = radius, sigma

    @classmethod
    def make(cls, modes: int | None, radius: float | None, sigma: float | None) -> "SwissRoll":
        """`radius` is that of the outer end; it has no modes to count."""
        settings = settle("swiss_roll", modes, radius, sigma)
        return cls(settings.radius, settings.sigma)

    @cached_property
    def rms(self) -> float:  # type: ignore[override]
        """Root mean square coordinate: E t^2 / (2 T^2) radius^2 + sigma^2 with t uniform on [T/3, T]."""
        return math.sqrt(self.radius**2 * (1 - 1 / 27) / (3 * (1 - 1 / 3)) / 2 + self.sigma**2)

    def sample(self, n: int, randomness: torch.Generator) -> Tensor:
        """n points, float32 (n, 2)."""
        share = (1 + 2 * torch.rand(n, generator=randomness)) / 3  # of the whole angle: uniform on [1/3, 1]
        angle = share * 4.5 * math.pi
        spiral = torch.stack([angle.cos(), angle.sin()], dim=1) * (share * self.radius)[:, None]
        return spiral + self.sigma * torch.randn(n, 2, generator=randomness)

    @property
    def mixture(self) -> None:
        """None: it has no modes."""
        return None


DISTRIBUTIONS: dict[str, type[Distribution]] = {"ring": Ring, "grid": Grid, "random": Random, "swiss_roll": SwissRoll}
"""The kinds that `data.kind` names."""
