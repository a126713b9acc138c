"""Mode coverage on points that are put where the figures are known."""

import math
from statistics import fmean

import pytest
import torch
from torch import Tensor

from gan_lightning import noise
from gan_lightning.data.distributions import Distribution, Grid, Ring, SwissRoll
from gan_lightning.data.gaussians import Gaussians
from gan_lightning.metrics.base import Draw
from gan_lightning.metrics.modes import ModeCoverage, forward_kl, reverse_kl

RING = Ring.make(None, None, None)
SIGMA = 0.01


def measured(points: Tensor, distribution: Distribution = RING, sigmas: float = 3.0) -> dict[str, float]:
    data = Gaussians("ring", None, None, None, 4, batch_size=4, minibatches=1, seed=0)
    data.distribution = distribution
    return ModeCoverage(len(points), sigmas).measure(Draw(points, data))


def off(centres: Tensor, sigmas: float) -> Tensor:
    """Points to the right of their mode."""
    return centres + torch.tensor([sigmas * SIGMA, 0.0])


def test_points_on_every_mode_cover_all_with_divergences_of_zero():
    figures = measured(RING.centres.repeat(100, 1))
    assert figures["modes"] == 8.0
    assert figures["share"] == 1.0
    assert figures["reverse_kl"] == pytest.approx(0, abs=1e-12)
    assert figures["kl"] == pytest.approx(0, abs=1e-12)


def test_a_collapse_to_one_mode_costs_ln_8():
    figures = measured(RING.centres[:1].repeat(100, 1))
    assert figures["modes"] == 1.0
    assert figures["share"] == 1.0
    assert figures["reverse_kl"] == pytest.approx(math.log(8), rel=1e-9)
    raised = [100.5 / 104] + [0.5 / 104] * 7  # half a count more for each
    assert figures["kl"] == pytest.approx(fmean(math.log(1 / 8 / share) for share in raised), rel=1e-9)


def test_half_of_the_modes_cost_ln_2():
    assert measured(RING.centres[::2].repeat(50, 1))["reverse_kl"] == pytest.approx(math.log(2), rel=1e-9)
    assert measured(RING.centres[::2].repeat(50, 1))["modes"] == 4.0


def test_a_sample_is_good_within_three_sigma_and_only_a_good_one_covers_its_mode():
    good, bad = off(RING.centres[:4], 2.99), off(RING.centres[4:], 3.01)
    figures = measured(torch.cat([good, good, good, bad]))
    assert figures["share"] == 0.75
    assert figures["modes"] == 4.0


def test_the_histogram_counts_bad_samples_too():
    figures = measured(off(RING.centres, 10.0))
    assert (figures["modes"], figures["share"]) == (0.0, 0.0)
    assert figures["reverse_kl"] == pytest.approx(0, abs=1e-12)


def test_the_radius_is_in_standard_deviations():
    assert measured(off(RING.centres, 2.0), sigmas=1.9)["share"] == 0.0
    assert measured(off(RING.centres, 2.0), sigmas=2.1)["share"] == 1.0


@pytest.mark.parametrize("sigma", [0.05, 0.0003])
def test_small_modes_far_from_the_origin_are_measured_exactly(sigma: float):
    """A matrix product's rounding would be larger than the smaller sigma's distances."""
    grid = Grid.make(None, None, sigma)
    points = grid.sample(20_000, noise.generator(0))
    expected = 1 - math.exp(-4.5)
    figures = measured(points, grid)
    assert figures["share"] == pytest.approx(expected, abs=4 * math.sqrt(expected * (1 - expected) / 20_000))
    assert figures["modes"] == 25.0


def test_real_points_have_the_divergence_that_their_number_allows():
    """(K - 1) / 2n in the mean: 0.0014 at n = 2500."""
    draws = [measured(RING.sample(2500, noise.generator(seed))) for seed in range(100)]
    tolerance = 4 * math.sqrt(2 * 7) / (2 * 2500) / math.sqrt(100)  # of a chi-squared of 7 degrees
    for name in ("reverse_kl", "kl"):
        assert fmean(draw[name] for draw in draws) == pytest.approx(7 / (2 * 2500), abs=tolerance)
    assert all(draw["modes"] == 8.0 for draw in draws)


def test_data_without_modes_have_no_such_figures():
    roll = SwissRoll.make(None, None, None)
    assert measured(roll.sample(10, noise.generator(0)), roll) == {}


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([5, 5], 0.0),
        ([10, 0], math.log(2)),
        ([3, 1], 0.75 * math.log(1.5) + 0.25 * math.log(0.5)),
        ([0, 1, 0, 1], math.log(2)),
    ],
)
def test_reverse_kl_is_its_definition(counts: list[int], expected: float):
    assert reverse_kl(torch.tensor(counts)) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([5, 5], 0.0),
        ([10, 0], -(math.log(2 * 10.5 / 11) + math.log(2 * 0.5 / 11)) / 2),
        ([3, 1], -(math.log(2 * 3.5 / 5) + math.log(2 * 1.5 / 5)) / 2),
    ],
)
def test_forward_kl_is_its_definition_with_half_a_count_more(counts: list[int], expected: float):
    assert forward_kl(torch.tensor(counts)) == pytest.approx(expected, abs=1e-12)
