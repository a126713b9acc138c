"""Fidelity and variety apart, from nearest neighbours among features.

Precision and recall: Kynkäänniemi et al. 2019 (arXiv:1904.06991). Density and coverage: Naeem et al. 2020
(arXiv:2002.09797).
"""

from typing import final

import torch
from torch import Tensor

from gan_lightning.metrics.measure import Features, Measure, Statistics
from gan_lightning.metrics.neighbours import distances, kth_neighbour, rows_at_once


@final
class Manifold(Measure):
    """Precision, recall, density and coverage against as many real images as there are samples.

    The manifold of a set is the union of balls around its members that reach to their k-th neighbour in the set.
    Identical distributions don't give 1 (Naeem et al., sec. 3): compare with the floor.

    Args:
        k: the neighbour; 5 in Naeem et al., 3 in Kynkäänniemi et al.
    """

    paired = True

    def __init__(self, k: int) -> None:
        self.k = k

    def statistics(self, real: Features, n: int) -> dict[str, Tensor]:
        """As many real features (n, D) as there are samples, and the radius (n,) of each one's ball."""
        chosen = real.values[:n].contiguous()
        radii = kth_neighbour(chosen, self.k)
        return {"features": chosen, "radii": radii, "count": torch.tensor(len(chosen))}

    def __call__(self, fake: Features, real: Statistics) -> dict[str, float]:
        """`precision`, `recall`, `coverage` in [0, 1], `density` from 0; NaN where a feature isn't finite."""
        names = ("precision", "recall", "density", "coverage")
        if not fake.values.isfinite().all():
            return dict.fromkeys(names, float("nan"))
        return dict(zip(names, manifold(fake.values, real["features"], real["radii"], self.k), strict=True))


def manifold(fake: Tensor, real: Tensor, real_radii: Tensor, k: int) -> tuple[float, float, float, float]:
    """Precision, recall, density and coverage of features (n, D) against (m, D) with their radii (m,)."""
    fake_radii = kth_neighbour(fake, k)
    inside = torch.zeros(len(fake))  # in how many real balls each sample lies
    recalled, covered = [], []
    for between, radii in zip(distances(real, fake), real_radii.split(rows_at_once(len(fake))), strict=True):
        inside += (between < radii[:, None]).sum(0)
        recalled.append((between < fake_radii).any(1))
        covered.append(between.min(1).values < radii)
    precision = (inside > 0).double().mean()
    recall, coverage = (torch.cat(parts).double().mean() for parts in (recalled, covered))
    return float(precision), float(recall), float(inside.double().mean() / k), float(coverage)
