"""The exact Wasserstein-2 distance between two samples of equal size."""

from typing import final

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from gan_lightning.metrics.base import Draw, PointMetric


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
    cost = torch.cdist(left.double(), right.double()).square().numpy()
    if not np.isfinite(cost).all():
        return float("nan")
    rows, columns = linear_sum_assignment(cost)
    return float(cost[rows, columns].mean()) ** 0.5
