"""Precision, recall, density and coverage against prdc's and torch-fidelity's, and where they are known."""

import math

import pytest
import torch
from prdc import compute_prdc
from torch import Tensor
from torch_fidelity.metric_prc import calculate_precision_recall_full

from gan_lightning import noise
from gan_lightning.metrics import neighbours
from gan_lightning.metrics.manifold import Manifold
from gan_lightning.metrics.measure import Features


def normal(n: int, key: int, scale: float = 1.0) -> Tensor:
    return torch.randn(n, 6, generator=noise.generator(key)) * scale


def measured(fake: Tensor, real: Tensor, k: int) -> dict[str, float]:
    sides = [Features(side, torch.zeros(len(side), 1)) for side in (fake, real)]
    return Manifold(k)(sides[0], Manifold(k).statistics(sides[1], len(real)))


@pytest.mark.parametrize("scale", [0.3, 1.0, 2.0])
@pytest.mark.parametrize(("n", "m"), [(200, 200), (90, 250)])
def test_all_four_are_prdcs(scale: float, n: int, m: int):
    fake, real = normal(n, 0, scale), normal(m, 1)
    expected = compute_prdc(real.double().numpy(), fake.double().numpy(), nearest_k=5)
    assert measured(fake, real, 5) == {name: pytest.approx(float(value), abs=1e-12) for name, value in expected.items()}


@pytest.mark.parametrize("scale", [0.5, 1.5])
def test_precision_and_recall_are_torch_fidelitys(scale: float):
    fake, real = normal(150, 0, scale).double(), normal(170, 1).double()
    figures = measured(fake, real, 3)
    # It keeps the means of ones and zeros in single precision.
    assert (figures["precision"], figures["recall"]) == pytest.approx(
        calculate_precision_recall_full(fake, real, 3), abs=1e-7
    )


def test_blocks_of_rows_change_nothing(monkeypatch: pytest.MonkeyPatch):
    fake, real = normal(70, 0), normal(50, 1)
    whole = measured(fake, real, 4)
    monkeypatch.setattr(neighbours, "_ENTRIES", 7 * 70)
    assert measured(fake, real, 4) == whole


def test_a_set_is_its_own_manifold():
    real = normal(100, 0)
    figures = measured(real, real, 5)
    assert (figures["precision"], figures["recall"], figures["coverage"]) == (1.0, 1.0, 1.0)


def test_samples_off_the_data_have_no_precision_and_a_collapsed_generator_no_recall():
    real = normal(100, 0)
    assert measured(real + 1e3, real, 5) == dict.fromkeys(("precision", "recall", "density", "coverage"), 0.0)
    collapsed = real[:1] + normal(100, 1) * 1e-4
    figures = measured(collapsed, real, 5)
    assert figures["precision"] == 1.0 and figures["recall"] <= 0.01 and figures["coverage"] < 0.2


def test_it_compares_with_as_many_real_images_as_there_are_samples():
    kept = Manifold(5).statistics(Features(normal(90, 0), torch.zeros(90, 1)), 30)
    assert kept["features"].shape == (30, 6) and kept["radii"].shape == (30,) and int(kept["count"]) == 30


def test_too_few_samples_for_a_neighbour_have_no_radius():
    assert math.isnan(float(neighbours.kth_neighbour(normal(5, 0), 5)[0]))
