"""The contract of a measure."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from gan_lightning.models.base import AdversarialModule


@dataclass(frozen=True)
class Draw:
    """What a measure looks at.

    For the real-against-real floor, `samples` are real ones that neither training nor `reference` has seen.
    """

    samples: Tensor
    """n samples in stored units: points (n, D) or uint8 images (n, C, H, W)."""
    reference: Tensor
    """n held-out real samples in the same units."""
    data: Any
    """The data source."""
    module: AdversarialModule
    """The game, for measures that ask its players."""


class Metric(ABC):
    """A family of figures computed from one draw."""

    @abstractmethod
    def __call__(self, draw: Draw) -> dict[str, float]:
        """The figures by name, without the sample size, which the caller adds."""
