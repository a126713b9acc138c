"""The kernel distance between features (Binkowski et al. 2018, arXiv:1801.01401)."""

from typing import final

import numpy as np
import torch
from torch import Tensor

from gan_lightning.metrics.measure import Features, Measure, Statistics

_SEED = 2020  # of the subsets, torch-fidelity's


@final
class KernelDistance(Measure):
    """Unbiased squared MMD with the kernel (x.y / D + 1)^3, the mean over random subsets: KID in Inception's features.

    Args:
        subsets: how many; 100 in the literature.
        size: samples of each side in one subset, 1,000 in the literature; at most as many as there are.
    """

    paired = True

    def __init__(self, subsets: int, size: int) -> None:
        self.subsets, self.size = subsets, size

    def statistics(self, real: Features, n: int) -> dict[str, Tensor]:
        """As many real features as there are samples, (n, D)."""
        return {"features": real.values[:n].contiguous(), "count": torch.tensor(min(n, len(real.values)))}

    def __call__(self, fake: Features, real: Statistics) -> dict[str, float]:
        """`kd`; a little below 0 where the distributions are alike."""
        return {"kd": kernel_distance(fake.values, real["features"], self.subsets, self.size)}


def kernel_distance(left: Tensor, right: Tensor, subsets: int, size: int) -> float:
    """Mean unbiased squared MMD of features (n, D) and (m, D) over random subsets without replacement."""
    size = min(size, len(left), len(right))
    if size < 2:
        return float("nan")
    rng = np.random.RandomState(_SEED)
    total = 0.0
    for _ in range(subsets):
        chosen = left[torch.from_numpy(rng.choice(len(left), size, replace=False))]
        other = right[torch.from_numpy(rng.choice(len(right), size, replace=False))]
        total += squared_mmd(chosen, other)
    return total / subsets


def squared_mmd(left: Tensor, right: Tensor) -> float:
    """The unbiased estimate from features (n, D) and (n, D)."""
    n = len(left)
    within = sum(_off_diagonal(_kernel(side, side)) for side in (left, right)) / (n * (n - 1))
    return float(within - 2 * _kernel(left, right).sum() / n**2)


def _kernel(left: Tensor, right: Tensor) -> Tensor:
    return (left @ right.T / left.shape[1] + 1).double() ** 3


def _off_diagonal(kernel: Tensor) -> Tensor:
    return kernel.sum() - kernel.trace()
