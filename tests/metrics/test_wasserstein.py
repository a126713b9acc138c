"""The exact Wasserstein-2 distance of two samples."""

import math
from itertools import permutations

import pytest
import torch
from scipy.optimize import linear_sum_assignment

from gan_lightning import noise
from gan_lightning.data.gaussians import Gaussians
from gan_lightning.metrics.base import Draw
from gan_lightning.metrics.wasserstein import Wasserstein2, wasserstein2


def points(n: int, key: int, dimensions: int = 2) -> torch.Tensor:
    return torch.randn(n, dimensions, generator=noise.generator(key))


@pytest.mark.parametrize("shift", [(3.0, 4.0), (0.0, -0.01), (1e3, 0.0)])
def test_the_distance_of_a_shifted_copy_is_the_shift(shift: tuple[float, float]):
    left = points(50, 0).double()
    expected = math.hypot(*shift)
    assert wasserstein2(left, left + torch.tensor(shift, dtype=torch.float64)) == pytest.approx(expected, rel=1e-9)


def test_the_order_of_the_points_does_not_matter():
    left, right = points(40, 0), points(40, 1)
    shuffled = right[torch.randperm(40, generator=noise.generator(2))]
    assert wasserstein2(left, shuffled) == pytest.approx(wasserstein2(left, right), rel=1e-12)
    assert wasserstein2(left, left.flip(0)) == pytest.approx(0, abs=1e-6)


def test_the_distance_is_symmetric():
    left, right = points(40, 0), points(40, 1)
    assert wasserstein2(left, right) == pytest.approx(wasserstein2(right, left), rel=1e-12)


@pytest.mark.parametrize("key", range(5))
@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_the_distance_is_that_of_the_best_of_all_120_pairings_of_five(key: int, dimensions: int):
    left, right = points(5, key, dimensions), points(5, key + 100, dimensions)
    pairings = [zip(left.tolist(), order, strict=True) for order in permutations(right.tolist())]
    costs = [sum(math.dist(a, b) ** 2 for a, b in pairing) / 5 for pairing in pairings]
    assert len(costs) == 120
    assert wasserstein2(left, right) == pytest.approx(math.sqrt(min(costs)), rel=1e-6)


def clouds() -> dict[str, torch.Tensor]:
    spread = points(120, 7, 3).double()
    flat = spread * torch.tensor([1.0, 1e-3, 0.0], dtype=torch.float64)
    both = torch.where(points(120, 8, 1) > 0, 5.0, -5.0).double()
    return {
        "one point": torch.ones(120, 3).double(),
        "on a plane": flat,
        "two modes": spread + both,
        "far": 1e-7 * spread + 1e4,
        "huge": 1e120 * spread,
        "tiny": 1e-120 * spread,
    }


@pytest.mark.parametrize("left", clouds())
@pytest.mark.parametrize("right", clouds())
def test_the_pairing_is_the_best_whatever_the_clouds_look_like(left: str, right: str):
    first, second = clouds()[left], clouds()[right].flip(0) + 0.0
    cost = (first[:, None] - second).square().sum(2)
    best = cost[linear_sum_assignment(cost.numpy())].mean().sqrt().item()
    assert wasserstein2(first, second) == pytest.approx(best, rel=1e-9)


def test_on_a_line_the_sorted_points_are_paired():
    left, right = points(100, 0, 1), points(100, 1, 1)
    expected = (left.double().sort(0).values - right.double().sort(0).values).square().mean().sqrt().item()
    assert wasserstein2(left, right) == pytest.approx(expected, rel=1e-9)


def test_squares_are_averaged_before_the_root():
    distance = wasserstein2(torch.zeros(2, 1), torch.tensor([[0.0], [2.0]]))
    assert distance == pytest.approx(math.sqrt((0 + 4) / 2), rel=1e-9)


def test_the_figure_is_named_after_the_points_of_each_side():
    data = Gaussians("ring", None, None, None, 4, batch_size=4, minibatches=1, seed=0)
    (figure,) = Wasserstein2(1000)(Draw(torch.ones(7, 2), data))
    assert figure.name == "w2_7"
    assert figure.value == pytest.approx(wasserstein2(torch.ones(7, 2), data.held_out(7, 2)), rel=1e-9)


def test_a_diverged_generator_has_no_distance() -> None:
    points = torch.zeros(3, 2)
    assert math.isnan(wasserstein2(points, torch.full((3, 2), float("nan"))))
