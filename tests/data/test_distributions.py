"""Known distributions in the plane: their modes, their size, their spread."""

import inspect
import math

import pytest
import torch
from torch import Tensor

from gan_lightning import noise
from gan_lightning.data import distributions
from gan_lightning.data.distributions import DISTRIBUTIONS, Distribution, Grid, Random, Ring, SwissRoll
from gan_lightning.errors import UsageError

MANY = 200_000
H = math.sqrt(0.5)


def made(kind: str) -> Distribution:
    return DISTRIBUTIONS[kind].make(None, None, None)


def drawn(distribution: Distribution, n: int = MANY, key: int = 0) -> Tensor:
    return distribution.sample(n, noise.generator(key))


def nearest(distribution: Distribution, points: Tensor) -> tuple[Tensor, Tensor]:
    """Index of each point's mode, and where it lies from there."""
    assert distribution.mixture is not None
    centres = distribution.mixture.centres
    index = (points[:, None] - centres).square().sum(2).argmin(1)
    return index, points - centres[index]


def test_the_ring_has_eight_distinct_modes_on_the_unit_circle():
    """The widely copied inclusive linspace has the first mode twice and seven in all."""
    ring = Ring.make(None, None, None)
    expected = [(1, 0), (H, H), (0, 1), (-H, H), (-1, 0), (-H, -H), (0, -1), (H, -H)]
    torch.testing.assert_close(ring.centres, torch.tensor(expected, dtype=torch.float32))
    assert torch.pdist(ring.centres).min().item() == pytest.approx(2 * math.sin(math.pi / 8), rel=1e-6)
    assert ring.sigma == 0.01


@pytest.mark.parametrize("modes", [1, 2, 3, 5, 100])
def test_a_ring_of_any_number_is_evenly_spaced_on_its_circle(modes: int):
    ring = Ring.make(modes, 2.0, 0.1)
    assert ring.centres.shape == (modes, 2)
    torch.testing.assert_close(ring.centres.norm(dim=1), torch.full((modes,), 2.0))
    neighbours = (ring.centres - ring.centres.roll(1, 0)).norm(dim=1)
    torch.testing.assert_close(neighbours, torch.full((modes,), 4 * math.sin(math.pi / modes)), rtol=1e-4, atol=1e-6)
    assert ring.sigma == 0.1


def test_the_grid_has_25_modes_two_apart_between_minus_four_and_four():
    grid = Grid.make(None, None, None)
    steps = (-4.0, -2.0, 0.0, 2.0, 4.0)
    assert sorted(map(tuple, grid.centres.tolist())) == sorted((x, y) for x in steps for y in steps)
    assert grid.sigma == 0.05


def test_a_grid_of_four_has_its_modes_in_the_corners():
    grid = Grid.make(4, 3.0, 0.5)
    assert sorted(map(tuple, grid.centres.tolist())) == [(-3.0, -3.0), (-3.0, 3.0), (3.0, -3.0), (3.0, 3.0)]


@pytest.mark.parametrize("modes", [1, 2, 10, 24, 26])
def test_a_grid_of_no_square_number_is_refused(modes: int):
    with pytest.raises(UsageError, match=f"square number of modes, at least 4; got data.modes={modes}$"):
        Grid.make(modes, None, None)


def test_random_modes_keep_their_distance_inside_the_square():
    scattered = Random.make(20, 2.0, 0.05)
    assert scattered.centres.shape == (20, 2)
    assert scattered.centres.abs().max() <= 2.0
    assert scattered.centres.abs().max() > 1.0
    assert torch.pdist(scattered.centres).min() > 8 * 0.05


def test_random_modes_are_the_same_in_every_run():
    torch.manual_seed(1)
    first = Random.make(None, None, None)
    torch.manual_seed(2)
    again = Random.make(None, None, None)
    assert torch.equal(first.centres, again.centres)
    assert (len(first.centres), first.sigma) == (10, 0.02)


def test_random_modes_that_do_not_fit_are_refused_with_the_knobs_to_turn():
    with pytest.raises(UsageError, match=r"^50 modes .* lower data\.modes or data\.sigma, or raise data\.radius$"):
        Random.make(50, 1.0, 0.1)


def test_a_swiss_roll_has_no_modes():
    assert made("swiss_roll").mixture is None
    with pytest.raises(UsageError, match=r"^data\.kind=swiss_roll has no modes: remove data\.modes=8$"):
        SwissRoll.make(8, None, None)


def test_a_swiss_roll_without_noise_is_a_spiral_from_a_third_of_its_radius_outwards():
    points = drawn(SwissRoll.make(None, 2.0, 1e-9), 20_000).double()
    radius = points.norm(dim=1)
    assert radius.min().item() == pytest.approx(2 / 3, abs=1e-3)
    assert radius.max().item() == pytest.approx(2, abs=1e-3)
    assert radius.mean().item() == pytest.approx(4 / 3, abs=4 * (4 / 3) / math.sqrt(12 * 20_000))  # uniform
    angle = radius / 2 * 4.5 * math.pi  # one and a half turns
    spiral = torch.stack([angle.cos(), angle.sin()], dim=1) * radius[:, None]
    torch.testing.assert_close(points, spiral, rtol=0, atol=1e-4)


def test_a_swiss_rolls_noise_has_its_sigma():
    noisy, bare = (drawn(SwissRoll.make(None, 1.0, sigma), 50_000) for sigma in (0.1, 0.0))
    deviation = (noisy - bare).double()  # the same draws of both
    assert deviation.std().item() == pytest.approx(0.1, rel=4 / math.sqrt(2 * 100_000))
    assert deviation.mean().item() == pytest.approx(0, abs=4 * 0.1 / math.sqrt(100_000))


@pytest.mark.parametrize(
    ("kind", "rms"),
    [
        ("ring", math.sqrt(1 / 2 + 0.01**2)),
        ("grid", math.sqrt(8 + 0.05**2)),  # mean square of -4, -2, 0, 2, 4
        ("swiss_roll", math.sqrt(13 / 54 + 0.02**2)),  # half the mean square of a uniform on [1/3, 1]
    ],
)
def test_the_root_mean_square_is_its_closed_form(kind: str, rms: float):
    assert made(kind).rms == pytest.approx(rms, rel=1e-6)


@pytest.mark.parametrize("kind", DISTRIBUTIONS)
def test_the_root_mean_square_is_that_of_a_large_sample(kind: str):
    distribution = made(kind)
    squares = drawn(distribution).double().square()
    tolerance = 4 * squares.std().item() / math.sqrt(2 * MANY)
    assert distribution.rms**2 == pytest.approx(squares.mean().item(), abs=tolerance)


@pytest.mark.parametrize(("kind", "sigma"), [("ring", 0.01), ("grid", 0.05), ("random", 0.02)])
def test_points_lie_about_their_mode_with_its_sigma_in_every_direction(kind: str, sigma: float):
    _, offsets = nearest(made(kind), drawn(made(kind)))
    covariance = torch.cov(offsets.double().T)
    tolerance = 4 * math.sqrt(2 / MANY)
    assert covariance[0, 0].item() == pytest.approx(sigma**2, rel=tolerance)
    assert covariance[1, 1].item() == pytest.approx(sigma**2, rel=tolerance)
    assert covariance[0, 1].item() == pytest.approx(0, abs=sigma**2 * tolerance)
    assert offsets.mean(0).tolist() == pytest.approx([0, 0], abs=4 * sigma / math.sqrt(MANY))


@pytest.mark.parametrize(("kind", "sigma"), [("ring", 0.01), ("grid", 0.05), ("random", 0.02)])
def test_the_share_within_three_sigma_is_that_of_a_gaussian_in_the_plane(kind: str, sigma: float):
    _, offsets = nearest(made(kind), drawn(made(kind)))
    share = (offsets.norm(dim=1) <= 3 * sigma).double().mean().item()
    expected = 1 - math.exp(-9 / 2)
    assert expected == pytest.approx(0.98889, abs=5e-6)
    assert share == pytest.approx(expected, abs=4 * math.sqrt(expected * (1 - expected) / MANY))


@pytest.mark.parametrize(("kind", "modes"), [("ring", 8), ("grid", 25), ("random", 10)])
def test_all_modes_are_equally_likely(kind: str, modes: int):
    index, _ = nearest(made(kind), drawn(made(kind)))
    shares = torch.bincount(index, minlength=modes).double() / MANY
    assert shares.tolist() == pytest.approx([1 / modes] * modes, abs=4.5 * math.sqrt((1 - 1 / modes) / modes / MANY))


@pytest.mark.parametrize("kind", DISTRIBUTIONS)
def test_a_draw_depends_on_its_generator_alone(kind: str):
    torch.manual_seed(1)
    first = drawn(made(kind), 100, key=7)
    torch.manual_seed(2)
    assert torch.equal(drawn(made(kind), 100, key=7), first)
    assert not torch.equal(drawn(made(kind), 100, key=8), first)
    assert first.shape == (100, 2) and first.dtype == torch.float32


def test_every_distribution_has_a_name():
    concrete = {
        value
        for value in vars(distributions).values()
        if inspect.isclass(value) and issubclass(value, Distribution) and not inspect.isabstract(value)
    }
    assert concrete - {distributions.GaussianMixture} == set(DISTRIBUTIONS.values())
