"""Points as a data source."""

from typing import Any

import pytest
import torch

from gan_lightning import noise
from gan_lightning.data.distributions import DISTRIBUTIONS
from gan_lightning.data.gaussians import Gaussians
from gan_lightning.errors import UsageError


def gaussians(kind: str = "ring", modes: int | None = None, num_samples: int = 1000, **own: Any) -> Gaussians:
    settings = {"radius": None, "sigma": None, "batch_size": 4, "minibatches": 1, "seed": 0} | own
    return Gaussians(kind=kind, modes=modes, num_samples=num_samples, **settings)


def test_points_have_two_numbers_and_no_classes():
    data = gaussians()
    assert data.shape == (2,)
    assert data.num_classes == 0
    values, labels = data.load()
    assert values.shape == (1000, 2) and values.dtype == torch.float32
    assert labels is None


def test_the_training_set_depends_on_the_seed_alone():
    torch.manual_seed(1)
    first = gaussians().load().values
    torch.manual_seed(2)
    assert torch.equal(gaussians().load().values, first)
    assert not torch.equal(gaussians(seed=1).load().values, first)


def test_the_training_set_is_drawn_once():
    data = gaussians()
    assert data.train_samples.values is data.train_samples.values


def test_held_out_points_are_fresh_and_the_same_every_time():
    data = gaussians(num_samples=100)
    draws = [data.load().values, data.held_out(100, 1), data.held_out(100, 2)]
    everything = torch.cat(draws)
    assert len(torch.unique(everything, dim=0)) == 300
    assert torch.equal(data.held_out(100, 2), draws[2])
    assert not torch.equal(gaussians(seed=1).held_out(100, 2), draws[2])


@pytest.mark.parametrize("kind", DISTRIBUTIONS)
def test_the_networks_see_unit_root_mean_square(kind: str):
    data = gaussians(kind, num_samples=50_000)
    prepared = data.prepare(data.load().values, noise.generator(0))
    assert prepared.square().mean().sqrt().item() == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("kind", DISTRIBUTIONS)
def test_restore_is_the_inverse_of_prepare(kind: str):
    data = gaussians(kind)
    stored = data.load().values
    torch.testing.assert_close(data.restore(data.prepare(stored, noise.generator(0))), stored, rtol=1e-6, atol=0)


def test_the_scale_is_the_distributions_and_not_the_samples():
    data = gaussians("grid", 4, radius=3.0, sigma=4.0)  # rms 5 by Pythagoras
    stored, scaled = torch.tensor([[5.0, -10.0]]), torch.tensor([[1.0, -2.0]])
    torch.testing.assert_close(data.prepare(stored, noise.generator(0)), scaled)
    torch.testing.assert_close(data.restore(scaled), stored)


def test_settings_reach_the_distribution():
    mixture = gaussians("ring", 3, radius=2.0, sigma=0.25).distribution.mixture
    assert mixture is not None
    torch.testing.assert_close(mixture.centres[0], torch.tensor([2.0, 0.0]))
    assert (len(mixture.centres), mixture.sigma) == (3, 0.25)


@pytest.mark.parametrize(
    ("kind", "modes", "own", "fragment"),
    [
        ("grid", 10, {}, "data.modes=10"),
        ("swiss_roll", 3, {}, "remove data.modes=3"),
        ("random", 20, {"sigma": 0.2}, "lower data.modes or data.sigma"),
    ],
)
def test_what_a_kind_cannot_be_is_refused(kind: str, modes: int, own: dict[str, Any], fragment: str):
    with pytest.raises(UsageError, match=fragment):
        gaussians(kind, modes, **own)
