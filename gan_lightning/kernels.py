"""Kernels: how alike two points are."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import final

import torch
from torch import Tensor

from gan_lightning.precision import full_precision


class Kernel(ABC):
    """A positive definite function of two points that is greatest where they coincide."""

    @abstractmethod
    def of_squared_distances(self, squared: Tensor) -> Tensor:
        """The kernel at squared Euclidean distances, elementwise."""

    def __call__(self, left: Tensor, right: Tensor) -> Tensor:
        """Points (N, D) and (M, D) to (N, M), in float32 or better."""
        precision = torch.promote_types(torch.promote_types(left.dtype, right.dtype), torch.float32)
        with full_precision(left.device):  # differences of large sums
            left, right = left.to(precision), right.to(precision)
            norms = left.square().sum(1)[:, None] + right.square().sum(1)
            return self.of_squared_distances((norms - 2 * left @ right.T).clamp_min(0))


@final
class RationalQuadratic(Kernel):
    """A sum of rational quadratic kernels, sum_a (1 + |x - y|^2 / (2 a))^-a (Binkowski et al. 2018, arXiv:1801.01401).

    Their tails are heavier than a Gaussian's, so that distant points still attract each other.

    Args:
        alphas: a of each, positive.
    """

    def __init__(self, alphas: Sequence[float]) -> None:
        self.alphas = tuple(alphas)

    def of_squared_distances(self, squared: Tensor) -> Tensor:
        """sum_a (1 + squared / (2 a))^-a."""
        return torch.stack([torch.log1p(squared / (2 * alpha)).mul(-alpha).exp() for alpha in self.alphas]).sum(0)
