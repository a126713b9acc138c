"""The Fréchet distance between Gaussians fitted to features (Heusel et al. 2017, arXiv:1706.08500)."""

from typing import final

import torch
from torch import Tensor

from gan_lightning.metrics.measure import Features, Measure, Statistics


@final
class FrechetDistance(Measure):
    """|m - m'|^2 + tr(S + S' - 2 (S S')^1/2) of all real images and the samples: FID in Inception's features.

    Biased upwards by small samples on either side (Chong and Forsyth 2020), so its sample size belongs to its name.
    """

    def statistics(self, real: Features, n: int) -> dict[str, Tensor]:
        """Mean (D,) and covariance (D, D) of all real images, float64."""
        mean, covariance = moments(real.values)
        return {"mean": mean, "covariance": covariance, "count": torch.tensor(len(real.values))}

    def __call__(self, fake: Features, real: Statistics) -> dict[str, float]:
        """`fd`; NaN of fewer than two samples, or where a feature isn't finite."""
        return {"fd": frechet_distance(*moments(fake.values), real["mean"], real["covariance"])}


def moments(features: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (D,) and unbiased covariance (D, D) of features (n, D), float64."""
    features = features.double()
    mean = features.mean(0)
    centred = features - mean
    return mean, centred.T @ centred / (len(features) - 1)


def frechet_distance(mean: Tensor, covariance: Tensor, other_mean: Tensor, other_covariance: Tensor) -> float:
    """The distance (squared, as FID is) between two Gaussians: means (D,), covariances (D, D), float64.

    The trace of (S S')^1/2 is the sum of the roots of the eigenvalues of S^1/2 S' S^1/2, which is symmetric: that
    holds for singular covariances too, needs no complex numbers and no small ridge on the diagonal.
    """
    if not all(part.isfinite().all() for part in (mean, covariance, other_mean, other_covariance)):
        return float("nan")
    values, vectors = torch.linalg.eigh(covariance)
    root = vectors * values.clamp(min=0).sqrt() @ vectors.T
    cross = torch.linalg.eigvalsh(root @ other_covariance @ root).clamp(min=0).sqrt().sum()
    distance = (mean - other_mean).square().sum() + covariance.trace() + other_covariance.trace() - 2 * cross
    return max(0.0, float(distance))  # rounding may leave a zero just below itself
