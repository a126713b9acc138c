"""The exact Wasserstein-2 distance between two samples of equal size."""

from typing import final

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from gan_lightning.metrics.base import Draw, PointMetric

_MATRICES = 3  # (n, n) of float64, that one assignment has in memory at most


@final
class Wasserstein2(PointMetric):
    """W2 between generated and held-out real points; the floor at the same n is far from 0, so it stands beside it.

    Args:
        n: points of each side: the assignment's cost grows like n^3.
    """

    def at_once(self, n: int) -> int:
        """As many as there is 1 GiB for; the search for an assignment keeps no lock."""
        return max(1, 2**30 // (_MATRICES * 8 * n * n))

    def measure(self, draw: Draw) -> dict[str, float]:
        """`w2`, in the units of the data."""
        return {"w2": wasserstein2(draw.samples, self.reference(draw))}


def wasserstein2(left: Tensor, right: Tensor) -> float:
    """W2 of two empirical distributions (n, D) and (n, D), by optimal assignment, in the points' units.

    NaN where a point isn't finite: a diverged generator has no distance.
    """
    left, right = left.double(), right.double()
    cost = _squares(left, right)
    if not cost.isfinite().all():
        return float("nan")
    rows, columns = linear_sum_assignment(_eased(left, right))
    return float(cost[rows, columns].mean()) ** 0.5


def _eased(left: Tensor, right: Tensor) -> np.ndarray:
    """Costs (n, n) with the same best assignment, which is found about three times as fast.

    |Bx - y/B|^2 differs from |x - y|^2 by terms of x alone and of y alone, which no assignment changes, for every
    symmetric B. With B^2 the optimal map between Gaussians of both samples' covariances little is left to search for.
    """
    left, right = left - left.mean(0), right - right.mean(0)
    size = torch.maximum(left.abs().amax(), right.abs().amax()).clamp_min(torch.finfo(left.dtype).tiny)
    left, right = left / size, right / size
    root = _power(_covariance(left), 0.5)
    back = torch.linalg.inv(root)
    middle = _power(back @ _power(root @ _covariance(right) @ root, 0.5) @ back, 0.5)
    cost = _squares(left @ middle, right @ torch.linalg.inv(middle))
    cost = cost - cost.amin(1, keepdim=True)
    return (cost - cost.amin(0, keepdim=True)).numpy()


def _squares(left: Tensor, right: Tensor) -> Tensor:
    """Squared distances (n, n), from differences: by products, two far points that are close would lose theirs."""
    return torch.cdist(left, right, compute_mode="donot_use_mm_for_euclid_dist").square()


def _covariance(points: Tensor) -> Tensor:
    """Of points (n, D) with mean 0, kept away from singular: (D, D)."""
    found = points.T @ points / len(points)
    size = found.shape[0]
    return found + (1e-6 * found.trace() / size + 1e-12) * torch.eye(size, dtype=found.dtype)


def _power(matrix: Tensor, exponent: float) -> Tensor:
    values, vectors = torch.linalg.eigh((matrix + matrix.T) / 2)
    return vectors @ torch.diag(values.clamp_min(torch.finfo(values.dtype).tiny) ** exponent) @ vectors.T
