"""The contract of a metric: samples in, figures that carry their protocol out."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from gan_lightning.data.base import MemoryData, PointData
from gan_lightning.metrics.fitting import check_fits, lineage
from gan_lightning.models.base import AdversarialModule
from gan_lightning.models.generative import Weights

_SAMPLES, _REFERENCE = 1, 2  # which draw of the data: the floor's samples are not its reference


@dataclass(frozen=True)
class Draw:
    """What a metric looks at."""

    samples: Tensor
    """n samples in stored units, on the CPU: points (n, D) or uint8 images (n, C, H, W)."""
    data: MemoryData
    """The source that they are compared with."""
    module: AdversarialModule | None = None
    """The game, for metrics that ask its players; None where there are only samples."""
    labels: Tensor | None = None
    """(n,) int64, the class or code that was asked for, of conditional samples."""
    latents: Tensor | None = None
    """(n, latent_dim), what the samples were made from, on the CPU; None where nobody knows."""
    weights: Weights | None = None
    """Which of the game's generators made the samples; None where nobody knows."""
    device: torch.device = torch.device("cpu")
    """Where feature extractors run."""
    finite: bool = True
    """Whether the generator gave finite numbers; a diverged one has no figures."""


@dataclass(frozen=True)
class Figure:
    """One figure and its protocol."""

    stem: str
    """What it is: `fid`, `share`."""
    value: float
    n: int
    """Samples that it was computed from."""
    n_reference: int | None = None
    """Real samples that it compares them with; None if it needs none, or the true distribution is known."""
    reference: str | None = None
    """Which part of the data those are: train or test."""
    extractor: str | None = None
    """The network whose features it is computed in."""
    sha256: str | None = None
    """Of that network's weights."""
    settings: str | None = None
    """The measure's own, such as the k of its nearest neighbours."""

    @property
    def name(self) -> str:
        """Stem, sample size and reference: `fid50k_train`, `w2_1k`, `share2500`."""
        size = f"{self.n // 1000}k" if self.n % 1000 == 0 else str(self.n)
        gap = "_" if self.stem[-1].isdigit() else ""
        return self.stem + gap + size + ("" if self.reference is None else f"_{self.reference}")


class Metric(ABC):
    """A family of figures computed from one draw.

    Args:
        n: samples that its protocol asks for; evaluations during training may give fewer.
    """

    asks_players = False
    """Whether figures depend on the game itself, and not on samples alone: then its floor does too."""

    def __init__(self, n: int) -> None:
        self.n = n

    def unavailable(self) -> str | None:
        """Why it can't be computed here, and what to do, in one line; None if it can. A run goes on without it."""
        return None

    def at_once(self, n: int) -> int:
        """How many draws of n samples may be measured at once, in threads; by itself one.

        More where it computes outside of Python's lock and draws no random numbers, as memory allows.
        """
        return 1

    def check(self, data: MemoryData) -> None:
        """Raise UsageError if it does not apply to such data; `fitting.NEEDS` says to which a class does."""
        check_fits(type(self).__name__, lineage(self), lineage(data))

    @abstractmethod
    def __call__(self, draw: Draw) -> list[Figure]:
        """The figures of the draw's samples."""

    def pictures(self, draw: Draw) -> dict[str, Tensor]:
        """What is worth looking at beside the figures: sheets, uint8 (C, H, W), by name."""
        return {}

    @abstractmethod
    def floor(self, draw: Draw) -> list[Figure]:
        """The same figures of as many real samples (fewer, if the data have no more) that the reference lacks."""


class PointMetric(Metric, ABC):
    """A metric of points in a space where real ones can be drawn without end."""

    def __call__(self, draw: Draw) -> list[Figure]:
        """The figures of `measure`."""
        return [Figure(stem, value, len(draw.samples)) for stem, value in self.measure(draw).items()]

    def floor(self, draw: Draw) -> list[Figure]:
        """The figures of real points that neither training nor the reference has."""
        assert isinstance(draw.data, PointData)
        return self(replace(draw, samples=draw.data.held_out(len(draw.samples), _SAMPLES)))

    def reference(self, draw: Draw) -> Tensor:
        """As many real points as there are samples, (n, D), which training never sees."""
        assert isinstance(draw.data, PointData)
        return draw.data.held_out(len(draw.samples), _REFERENCE)

    @abstractmethod
    def measure(self, draw: Draw) -> dict[str, float]:
        """Values by stem."""
