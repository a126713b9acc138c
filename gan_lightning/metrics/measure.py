"""The contract of a measure: what is computed from features, whoever extracted them."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import NamedTuple

from torch import Tensor

from gan_lightning.data.base import Split


class Features(NamedTuple):
    """What an extractor says of n images, on the CPU."""

    values: Tensor
    """(n, D) float32."""
    logits: Tensor
    """(n, K) float32, one a class."""
    labels: Tensor | None = None
    """(n,) int64: the true class of real images, the one that was asked for of generated ones."""

    def rows(self, index: slice | Tensor) -> "Features":
        """The features of some of the images."""
        return Features(self.values[index], self.logits[index], None if self.labels is None else self.labels[index])


Statistics = Mapping[str, Tensor]
"""What a measure keeps of the real images, computed once and cached."""


class Measure(ABC):
    """Figures from the features of samples and the statistics of real ones."""

    needs_labels = False
    """Whether it compares the extractor's classes with the data's."""
    paired = False
    """Whether it compares with as many real images as there are samples: what it keeps then depends on their number."""
    against: Split | None = None
    """The part of the data that the measure insists on; None for whichever is asked for."""

    def key(self) -> str:
        """Tells its statistics from those of a measure with other settings."""
        settings = ",".join(f"{name}={value}" for name, value in sorted(vars(self).items()))
        return f"{type(self).__name__}({settings})"

    def statistics(self, real: Features, n: int) -> dict[str, Tensor]:
        """What to keep of the real images, in a fixed random order, for comparison with n samples.

        `count`, a scalar, is how many of them it rests on; a measure that compares with none keeps nothing.
        """
        return {}

    def beside(self, fake: Features, real: Statistics) -> tuple[Tensor, Tensor] | None:
        """Rows of samples worth looking at, and of the real image that each is to be shown beside; None for none."""
        return None

    @abstractmethod
    def __call__(self, fake: Features, real: Statistics) -> dict[str, float]:
        """Values by stem, without the extractor's name."""
