"""How far generated moments are from known ones."""

from typing import final

import torch

from gan_lightning.data.linear_gaussian import LinearGaussian
from gan_lightning.metrics.base import Draw, PointMetric


@final
class Moments(PointMetric):
    """Relative errors of mean and covariance against the data's true ones."""

    def measure(self, draw: Draw) -> dict[str, float]:
        """`mean_error` |m - b| / |b| and `covariance_error` |C - S|_F / |S|_F, relative."""
        mean, covariance = draw.samples.mean(0), torch.cov(draw.samples.T)
        truth = draw.data
        assert isinstance(truth, LinearGaussian)
        return {
            "mean_error": float((mean - truth.mean).norm() / truth.mean.norm()),
            "covariance_error": float((covariance - truth.covariance).norm() / truth.covariance.norm()),
        }
