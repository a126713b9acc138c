"""X = Z A + b."""

import math

import pytest
import torch

from gan_lightning import noise
from gan_lightning.data.linear_gaussian import LinearGaussian

A = [[1.0, 2.0], [-0.1, 0.5]]
B = [1.0, 2.0]
COVARIANCE = [[1.01, 1.95], [1.95, 4.25]]  # A^T A


def linear_gaussian(num_samples: int = 1000, seed: int = 0) -> LinearGaussian:
    return LinearGaussian(A, B, num_samples, batch_size=8, minibatches=1, seed=seed)


def test_the_true_moments_are_the_offset_and_the_matrix_transposed_times_itself():
    data = linear_gaussian()
    assert data.mean.tolist() == B
    for row, expected in zip(data.covariance.tolist(), COVARIANCE, strict=True):
        assert row == pytest.approx(expected, rel=1e-6)


def test_a_large_sample_has_the_true_moments():
    n = 200_000
    points = linear_gaussian(n).load().values.double()
    for axis in range(2):
        deviation = math.sqrt(COVARIANCE[axis][axis])
        assert points[:, axis].mean().item() == pytest.approx(B[axis], abs=4 * deviation / math.sqrt(n))
    covariance = torch.cov(points.T)
    for i in range(2):
        for j in range(2):
            spread = math.sqrt((COVARIANCE[i][i] * COVARIANCE[j][j] + COVARIANCE[i][j] ** 2) / n)  # of a Wishart
            assert covariance[i, j].item() == pytest.approx(COVARIANCE[i][j], abs=4 * spread)


def test_shape_classes_and_units():
    data = linear_gaussian()
    assert data.shape == (2,)
    assert data.num_classes == 0
    points, labels = data.load()
    assert points.shape == (1000, 2) and points.dtype == torch.float32 and labels is None
    assert torch.equal(data.prepare(points, noise.generator(0)), points)
    assert torch.equal(data.restore(points), points)


def test_any_number_of_dimensions():
    matrix = torch.diag(torch.tensor([2.0, 3.0, 4.0])).tolist()
    data = LinearGaussian(matrix, [0.0] * 3, 5, batch_size=1, minibatches=1, seed=0)
    assert data.shape == (3,)
    assert data.load().values.shape == (5, 3)
    assert torch.equal(data.covariance, torch.diag(torch.tensor([4.0, 9.0, 16.0])))


def test_draws_depend_on_seed_and_number_alone():
    torch.manual_seed(1)
    first = linear_gaussian(100).load().values
    torch.manual_seed(2)
    data = linear_gaussian(100)
    assert torch.equal(data.load().values, first)
    assert not torch.equal(linear_gaussian(100, seed=1).load().values, first)
    everything = torch.cat([first, data.held_out(100, 1), data.held_out(100, 2)])
    assert len(torch.unique(everything, dim=0)) == 300
