"""Noise between seeds: standard errors, and which differences are larger than they."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

LEVEL = 0.95
RULE = (
    "A setting is told apart from the best one where Welch's 95 % confidence interval of the difference of their means "
    "over seeds leaves out 0. Each is compared with the best alone, without correction for their number: of twenty "
    "that are no worse, about one is told apart by luck."
)
"""How it is decided, in words."""


@dataclass(frozen=True)
class Sample:
    """One figure over seeds."""

    values: tuple[float, ...]

    @property
    def n(self) -> int:
        """Seeds."""
        return len(self.values)

    @property
    def mean(self) -> float:
        """Over seeds."""
        return sum(self.values) / self.n

    @property
    def variance(self) -> float:
        """Unbiased, of one seed; NaN of a single one."""
        if self.n < 2:
            return math.nan
        return sum((value - self.mean) ** 2 for value in self.values) / (self.n - 1)

    @property
    def error(self) -> float | None:
        """Standard error of the mean; None of a single seed."""
        return math.sqrt(self.variance / self.n) if self.n > 1 else None


def interval(first: Sample, second: Sample) -> tuple[float, float] | None:
    """Welch's interval of the difference of the means, first minus second; None where a side has one seed only.

    Welch 1947; the degrees of freedom are Satterthwaite's.
    """
    if first.n < 2 or second.n < 2:
        return None
    difference = first.mean - second.mean
    parts = [sample.variance / sample.n for sample in (first, second)]
    if sum(parts) == 0:
        return difference, difference
    freedom = sum(parts) ** 2 / sum(
        part**2 / (sample.n - 1) for part, sample in zip(parts, (first, second), strict=True)
    )
    half = _quantile(freedom) * math.sqrt(sum(parts))
    return difference - half, difference + half


def told_apart(first: Sample, second: Sample) -> bool | None:
    """Whether the interval leaves out 0; None where nothing can be said."""
    between = interval(first, second)
    return None if between is None else not between[0] <= 0 <= between[1]


def finite(values: Sequence[float | None]) -> Sample:
    """Of the values that are numbers."""
    return Sample(tuple(value for value in values if value is not None and math.isfinite(value)))


def _quantile(freedom: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(freedom, (1 + LEVEL) / 2))
