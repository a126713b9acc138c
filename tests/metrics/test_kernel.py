"""The kernel distance against its definition and against torch-fidelity's."""

import math

import pytest
import torch
from torch import Tensor
from torch_fidelity.metric_kid import kid_features_to_metric

from gan_lightning import noise
from gan_lightning.metrics.kernel import KernelDistance, kernel_distance, squared_mmd
from gan_lightning.metrics.measure import Features


def normal(n: int, key: int, shift: float = 0.0) -> Tensor:
    return torch.randn(n, 16, generator=noise.generator(key)) + shift


@pytest.mark.parametrize(("subsets", "size"), [(1, 60), (20, 30)])
def test_it_is_torch_fidelitys_with_the_same_subsets(subsets: int, size: int):
    left, right = normal(60, 0, 0.4), normal(80, 1)
    expected = kid_features_to_metric(
        left.double(), right.double(), kid_subsets=subsets, kid_subset_size=size, rng_seed=2020, verbose=False
    )["kernel_inception_distance_mean"]
    assert kernel_distance(left.double(), right.double(), subsets, size) == pytest.approx(expected, rel=1e-9)


def test_two_points_a_side_by_hand():
    """Kernels (x y / 2 + 1)^3 of x in {(1, 0), (0, 1)}, y in {(2, 0), (0, 0)}."""
    left, right = torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([[2.0, 0.0], [0.0, 0.0]])
    within = 1.0 + 1.0  # both pairs are orthogonal: (0 + 1)^3
    between = 2 * (8 + 1 + 1 + 1) / 4
    assert squared_mmd(left, right) == pytest.approx(within - between, rel=1e-12)


def test_like_distributions_are_near_zero_on_either_side_of_it():
    estimates = [squared_mmd(normal(50, key), normal(50, key + 50)) for key in range(50)]
    assert min(estimates) < 0 < max(estimates)
    deviation = torch.tensor(estimates).std().item() / math.sqrt(50)
    assert sum(estimates) / 50 == pytest.approx(0, abs=4 * deviation)


def test_it_compares_with_as_many_real_images_as_there_are_samples():
    kept = KernelDistance(5, 10).statistics(Features(normal(90, 0), torch.zeros(90, 2)), 20)
    assert kept["features"].shape == (20, 16) and int(kept["count"]) == 20
    figures = KernelDistance(5, 10)(Features(normal(20, 1), torch.zeros(20, 2)), kept)
    assert figures == {"kd": kernel_distance(normal(20, 1), kept["features"], 5, 10)}


def test_of_a_single_sample_there_is_none():
    assert math.isnan(kernel_distance(normal(1, 0), normal(5, 1), 3, 10))
