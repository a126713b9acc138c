"""The kinds of distribution in the plane, their own settings, and which settings they can't have; imports no torch."""

import math
from typing import NamedTuple

from gan_lightning.errors import UsageError


class Settings(NamedTuple):
    """What makes one distribution of a kind."""

    modes: int | None
    """Number of Gaussians; None where there are none to count."""
    radius: float
    sigma: float


KINDS = {
    "ring": Settings(modes=8, radius=1.0, sigma=0.01),
    "grid": Settings(modes=25, radius=4.0, sigma=0.05),
    "random": Settings(modes=10, radius=1.0, sigma=0.02),
    "swiss_roll": Settings(modes=None, radius=1.0, sigma=0.02),
}
"""The kinds that `data.kind` names, each with its own settings."""

APART = 8
"""Standard deviations between any two modes of the kind `random`."""


def settle(kind: str, modes: int | None, radius: float | None, sigma: float | None) -> Settings:
    """The settings, the kind's own where one is None.

    Raises:
        UsageError: the kind can't have them.
    """
    own = KINDS[kind]
    settings = Settings(
        own.modes if modes is None else modes,
        own.radius if radius is None else radius,
        own.sigma if sigma is None else sigma,
    )
    if kind == "swiss_roll" and modes is not None:
        raise UsageError(f"data.kind=swiss_roll has no modes: remove data.modes={modes}")
    if kind == "grid" and not _is_square(settings.modes):
        raise UsageError(f"data.kind=grid needs a square number of modes, at least 4; got data.modes={settings.modes}")
    if kind == "random" and settings.modes is not None and settings.modes > _most(2 * settings.radius, settings.sigma):
        raise too_crowded(settings)
    return settings


def check_mixture(kind: str) -> None:
    """Raise UsageError where the kind has no density that is known."""
    if KINDS[kind].modes is None:
        raise UsageError(f"metrics=jensen_shannon needs a known mixture, and data.kind={kind} is none: leave it out")


def too_crowded(settings: Settings) -> UsageError:
    """The error for random modes that don't fit their square."""
    return UsageError(
        f"{settings.modes} modes with sigma {settings.sigma} don't fit a square of half side {settings.radius} "
        f"{APART} sigma apart: lower data.modes or data.sigma, or raise data.radius"
    )


def _is_square(count: int | None) -> bool:
    return count is not None and count >= 4 and math.isqrt(count) ** 2 == count


def _most(side: float, sigma: float) -> float:
    """No more points than this lie in a square, any two at least `APART` sigma apart (Oler 1961)."""
    lengths = side / (APART * sigma)
    return 2 / math.sqrt(3) * lengths**2 + 2 * lengths + 1
