"""Errors of mean and covariance on points whose moments are known."""

import pytest
import torch

from gan_lightning.data.linear_gaussian import LinearGaussian
from gan_lightning.metrics.base import Draw
from gan_lightning.metrics.moments import Moments

CROSS = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])  # mean 0, covariance 2/3 of the identity


def measured(samples: torch.Tensor, matrix: list[list[float]], offset: list[float]) -> dict[str, float]:
    data = LinearGaussian(matrix, offset, 4, batch_size=4, minibatches=1, seed=0)
    return Moments(len(samples)).measure(Draw(samples, data))


def test_both_errors_are_relative_to_the_truth():
    samples = CROSS + torch.tensor([4.0, 4.0])  # the mean is 1 off, of a length of 5
    figures = measured(samples, [[1.0, 0.0], [0.0, 1.0]], [3.0, 4.0])
    assert figures == {"mean_error": pytest.approx(1 / 5, rel=1e-6), "covariance_error": pytest.approx(1 / 3, rel=1e-6)}


def test_the_covariance_is_compared_as_a_whole():
    """Off the diagonal too: C - S = (2/3 - 1, -1; -1, 2/3 - 1) of S = (1, 1; 1, 1)."""
    figures = measured(CROSS, [[1.0, 1.0], [0.0, 0.0]], [1.0, 0.0])
    assert figures["covariance_error"] == pytest.approx((2 / 9 + 2) ** 0.5 / 2, rel=1e-6)
    assert figures["mean_error"] == pytest.approx(1, rel=1e-6)


def test_samples_with_the_true_moments_have_no_error():
    samples = CROSS * 1.5**0.5 + torch.tensor([3.0, 4.0])
    figures = measured(samples, [[1.0, 0.0], [0.0, 1.0]], [3.0, 4.0])
    assert figures == {"mean_error": pytest.approx(0, abs=1e-6), "covariance_error": pytest.approx(0, abs=1e-6)}
