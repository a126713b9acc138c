"""The exact Wasserstein-2 distance between two samples of equal size."""

from typing import final

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from gan_lightning.metrics.base import Draw, PointMetric

ENTROPIES, ROUNDS = (1e-1, 1e-2, 1e-3, 1e-4), 20
"""In mean costs, and how often prices are set at each."""
_WITHIN = 1e-30, 1e30


@final
class Wasserstein2(PointMetric):
    """W2 between generated and held-out real points; the floor at the same n is far from 0, so it stands beside it.

    Args:
        n: points of each side: the assignment's cost grows like n^3.
    """

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
    rows, columns = linear_sum_assignment(_priced(_eased(left, right)).numpy())
    return float(cost[rows, columns].mean()) ** 0.5


def _eased(left: Tensor, right: Tensor) -> Tensor:
    """Costs (n, n) with the same best assignment, by which less is left to search for.

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
    return _lowered(cost)


def _priced(cost: Tensor) -> Tensor:
    """Costs (n, n) less prices of their rows and columns, which no assignment's difference from another feels.

    The prices are those of entropic transport with less and less entropy (Cuturi 2013, arXiv:1306.0895), roughly: with
    the right ones pairs that belong together cost nothing, and the search, which is exact whatever they are, is short.
    """
    rough = cost.float()
    rows, columns = rough.new_zeros(len(cost)), rough.new_zeros(len(cost))
    for scale in ENTROPIES:
        entropy = (scale * rough.mean()).clamp_min(torch.finfo(rough.dtype).tiny)
        kernel = ((rows[:, None] + columns - rough) / entropy).exp_()
        mine, theirs = torch.ones_like(rows), torch.ones_like(columns)
        for _ in range(ROUNDS):
            mine = (kernel @ theirs).clamp(*_WITHIN).reciprocal()
            theirs = (mine @ kernel).clamp(*_WITHIN).reciprocal()
        rows, columns = rows + entropy * mine.log(), columns + entropy * theirs.log()
    return _lowered(cost - rows.double()[:, None] - columns.double())


def _lowered(cost: Tensor) -> Tensor:
    """With a zero in each row and column, and nothing below."""
    cost = cost - cost.amin(1, keepdim=True)
    return cost - cost.amin(0, keepdim=True)


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
