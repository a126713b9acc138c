"""Data that a linear generator can match exactly: X = Z A + b with standard normal Z."""

from typing import Any, final

import torch
from torch import Tensor

from gan_lightning import noise
from gan_lightning.data.affine import check_sizes
from gan_lightning.data.base import PointData, Samples


@final
class LinearGaussian(PointData):
    """A correlated Gaussian, X = Z A + b: mean b and covariance A^T A are known, and a linear generator has them.

    Args:
        matrix: A, rows of floats, (D, D).
        offset: b, (D,).
        num_samples: size of the training set.
        **loading: as for `MemoryData`.

    Raises:
        UsageError: A isn't square, or b has another length.
    """

    def __init__(self, matrix: list[list[float]], offset: list[float], num_samples: int, **loading: Any) -> None:
        super().__init__(**loading)
        check_sizes(matrix, offset)
        self.matrix = torch.tensor(matrix, dtype=torch.float32)
        self.offset = torch.tensor(offset, dtype=torch.float32)
        self.num_samples = num_samples

    @property
    def shape(self) -> tuple[int, ...]:
        """(D,)."""
        return (len(self.offset),)

    @property
    def mean(self) -> Tensor:
        """b, (D,)."""
        return self.offset

    @property
    def covariance(self) -> Tensor:
        """A^T A, (D, D)."""
        return self.matrix.T @ self.matrix

    def load(self) -> Samples:
        """`num_samples` points, float32 (N, D), the same for the same seed."""
        return Samples(self._sample(self.num_samples, noise.generator(self.seed, 0)), None)

    def held_out(self, n: int, draw: int) -> Tensor:
        """n fresh points (n, D) that training never sees; another `draw`, from 1 on, gives others."""
        return self._sample(n, noise.generator(self.seed, draw))

    def scale(self, stored: Tensor) -> Tensor:
        """The points themselves."""
        return stored

    def restore(self, samples: Tensor) -> Tensor:
        """The points themselves."""
        return samples

    def _sample(self, n: int, randomness: torch.Generator) -> Tensor:
        return torch.randn(n, len(self.offset), generator=randomness) @ self.matrix + self.offset
