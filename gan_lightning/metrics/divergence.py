"""The Jensen-Shannon divergence of generated points from a known mixture, and what the discriminator makes of it."""

import math
from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from torch import Tensor

from gan_lightning.data.distributions import GaussianMixture
from gan_lightning.data.gaussians import Gaussians
from gan_lightning.data.kinds import check_mixture
from gan_lightning.metrics.base import Draw, PointMetric
from gan_lightning.noise import generator

_MARGIN = 6  # standard deviations about the outermost modes
_CELLS = 2  # a standard deviation


@final
class JensenShannon(PointMetric):
    """JSD(p || q) in nats, at most ln 2, by numerical integration over a grid of cells of half a standard deviation.

    p is the known mixture; q, which has no known density, is estimated from the samples by Gaussian kernels as wide
    as the modes (sigma), and p is blurred by the same kernel, exactly. Blurring both can only lower the divergence,
    and the finite sample raises it: the floor shows by how much. Beside it stands what the discriminator D holds it
    for, ln 2 + (E log D(x) + E log(1 - D(G(z)))) / 2, a lower bound that the optimal one reaches (Goodfellow et al.
    2014, th. 1); only of losses whose logits are log-odds.

    Args:
        n: samples.
    """

    asks_players = True

    def check(self, data: Any) -> None:
        """Raise UsageError if the data have no known density."""
        super().check(data)
        check_mixture(data.kind)

    def measure(self, draw: Draw) -> dict[str, float]:
        """`jsd`, and `jsd_discriminator` where there is a discriminator of log-odds; NaN of samples not finite."""
        assert isinstance(draw.data, Gaussians)
        mixture = draw.data.distribution.mixture
        assert mixture is not None
        figures = {"jsd": jensen_shannon(draw.samples, mixture)}
        if draw.module is not None:
            sides = (draw.data.prepare(side, generator(0)) for side in (self.reference(draw), draw.samples))
            if (bound := draw.module.divergence_bound(*sides)) is not None:
                figures["jsd_discriminator"] = float(bound)
        return figures


def jensen_shannon(samples: Tensor, mixture: GaussianMixture) -> float:
    """JSD in nats between samples (n, 2), blurred by the mixture's sigma, and the mixture, blurred alike."""
    if not samples.isfinite().all():
        return float("nan")
    low, high = (mixture.centres.aminmax(dim=0)[side].double().numpy() for side in (0, 1))
    cell = mixture.sigma / _CELLS
    edges = [
        np.arange(start - _MARGIN * mixture.sigma, stop + (_MARGIN + 1) * mixture.sigma, cell)
        for start, stop in zip(low, high, strict=True)
    ]
    points = samples.double().numpy()
    counts, *_ = np.histogram2d(points[:, 0], points[:, 1], bins=edges)
    generated = gaussian_filter(counts / len(points), mixture.sigma / cell, mode="constant")
    true = cell_masses(mixture.centres.double(), math.sqrt(2) * mixture.sigma, edges)
    return divergence(true, generated)


def cell_masses(centres: Tensor, sigma: float, edges: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """The probability of each cell (rows, columns) under equally likely Gaussians at centres (K, 2), exact."""
    along = [
        torch.special.ndtr((torch.from_numpy(edge) - centres[:, axis, None]) / sigma).diff(dim=1)  # (K, cells)
        for axis, edge in enumerate(edges)
    ]
    return (along[0].T @ along[1] / len(centres)).numpy()


def divergence(p: NDArray[np.float64], q: NDArray[np.float64]) -> float:
    """JSD in nats of two arrays of masses; what either lacks to 1 lies outside, where the other has nothing."""
    middle = (p + q) / 2
    inside = sum(
        float(np.where(side > 0, side * np.log(np.where(side > 0, side, 1) / np.where(middle > 0, middle, 1)), 0).sum())
        for side in (p, q)
    )
    outside = sum(max(0.0, 1 - float(side.sum())) for side in (p, q))
    return (inside + outside * math.log(2)) / 2
