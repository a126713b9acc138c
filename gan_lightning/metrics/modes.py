"""Mode coverage on a known mixture, as PacGAN measures it (Lin et al. 2018, sec. 4.1)."""

from typing import final

import torch
from torch import Tensor

from gan_lightning.data.distributions import GaussianMixture
from gan_lightning.data.gaussians import Gaussians
from gan_lightning.data.unpaired_gaussians import UnpairedGaussians
from gan_lightning.metrics.base import Draw, PointMetric


@final
class ModeCoverage(PointMetric):
    """Modes covered, share of high-quality samples, and both divergences of the mode histogram.

    A sample is of high quality within `sigmas` standard deviations of its nearest mode, and a mode is covered by one
    such sample. The histogram counts every sample at its nearest mode. Data that are no mixture have no such figures.

    Args:
        n: samples, 2,500 in the literature.
        sigmas: the radius in standard deviations, 3 in the literature.
    """

    def __init__(self, n: int, sigmas: float) -> None:
        super().__init__(n)
        self.sigmas = sigmas

    def measure(self, draw: Draw) -> dict[str, float]:
        """`modes` (count), `share` (in [0, 1]), `reverse_kl` and `kl` (nats)."""
        assert isinstance(draw.data, Gaussians | UnpairedGaussians)
        mixture: GaussianMixture | None = draw.data.distribution.mixture
        if mixture is None:
            return {}
        distance, nearest = nearest_modes(draw.samples, mixture)
        good = distance <= self.sigmas * mixture.sigma
        counts = torch.bincount(nearest, minlength=len(mixture.centres))
        return {
            "modes": float(torch.unique(nearest[good]).numel()),
            "share": float(good.float().mean()),
            "reverse_kl": reverse_kl(counts),
            "kl": forward_kl(counts),
        }


def nearest_modes(points: Tensor, mixture: GaussianMixture) -> tuple[Tensor, Tensor]:
    """The distance (n,) of each of the points (n, 2) to its nearest mode, and which that is, (n,) int64."""
    exact = "donot_use_mm_for_euclid_dist"  # |a|^2 - 2ab + |b|^2 loses small distances far from the origin
    distance, nearest = torch.cdist(points, mixture.centres, compute_mode=exact).min(dim=1)
    return distance, nearest


def reverse_kl(counts: Tensor) -> float:
    """KL(generated || uniform) of a mode histogram (K,) of counts, in nats; PacGAN's column. 0 log 0 is 0."""
    shares = counts.double() / counts.sum()
    return float(torch.special.xlogy(shares, shares * len(counts)).sum())


def forward_kl(counts: Tensor) -> float:
    """KL(uniform || generated) of a mode histogram (K,), in nats.

    Each count is raised by 1/2 (Krichevsky and Trofimov's estimator), so that a missed mode costs much, not infinity.
    """
    shares = (counts.double() + 0.5) / (counts.sum() + 0.5 * len(counts))
    return float(-(shares * len(counts)).log().mean())
