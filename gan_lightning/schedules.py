"""Learning-rate schedules: the factor on both players' rates as a function of the share of the run that is done."""

import math
from abc import ABC, abstractmethod


class Schedule(ABC):
    """A factor in [0, 1] for every share of the run in [0, 1]."""

    @abstractmethod
    def __call__(self, share: float) -> float:
        """The factor when `share` of all iterations is done."""


class Constant(Schedule):
    """The rate stays as it is."""

    def __call__(self, share: float) -> float:
        """1."""
        return 1.0


class Linear(Schedule):
    """The rate stays until `start`, then falls along a line to `final` of itself.

    Args:
        start: share of the run after which the rate falls, in [0, 1); 0.5 is CycleGAN's.
        final: factor at the end, in [0, 1].
    """

    def __init__(self, start: float, final: float) -> None:
        self.start, self.final = start, final

    def __call__(self, share: float) -> float:
        """1 up to `start`, `final` at 1, linear between."""
        return 1 + (self.final - 1) * _progress(share, self.start)


class Cosine(Schedule):
    """The rate stays until `start`, then falls along half a cosine to `final` of itself (Loshchilov & Hutter 2017).

    Args:
        start: share of the run after which the rate falls, in [0, 1).
        final: factor at the end, in [0, 1].
    """

    def __init__(self, start: float, final: float) -> None:
        self.start, self.final = start, final

    def __call__(self, share: float) -> float:
        """1 up to `start`, `final` at 1, half a cosine between."""
        return self.final + (1 - self.final) * (1 + math.cos(math.pi * _progress(share, self.start))) / 2


def _progress(share: float, start: float) -> float:
    return min(1.0, max(0.0, (share - start) / (1 - start)))
