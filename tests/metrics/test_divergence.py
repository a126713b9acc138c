"""The Jensen-Shannon divergence by integration, where it is known otherwise."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.stats import norm

from gan_lightning import noise
from gan_lightning.data.distributions import Ring
from gan_lightning.data.gaussians import Gaussians
from gan_lightning.errors import UsageError
from gan_lightning.metrics.base import Draw
from gan_lightning.metrics.divergence import JensenShannon, cell_masses, divergence, jensen_shannon

RING = Ring.make(None, None, None)


def test_real_samples_are_near_zero_and_nearer_the_more_there_are():
    few, many = (jensen_shannon(RING.sample(n, noise.generator(0)), RING) for n in (2500, 100_000))
    assert 0 <= many < few < 0.003


def test_disjoint_supports_diverge_by_ln_2():
    away = RING.sample(1000, noise.generator(0)) + 0.5
    assert jensen_shannon(away, RING) == pytest.approx(math.log(2), abs=1e-4)
    assert jensen_shannon(away + 100, RING) == pytest.approx(math.log(2), abs=1e-4)  # outside of the grid


def test_half_of_the_modes_diverge_by_what_two_uniform_histograms_do():
    """p = 1/8 on 8 modes, q = 1/4 on 4: JSD = (KL(p||m) + KL(q||m)) / 2 with m = 3/16 and 1/16."""
    half = Ring(RING.centres[::2], RING.sigma).sample(50_000, noise.generator(0))
    kl_p = 0.5 * math.log((1 / 8) / (3 / 16)) + 0.5 * math.log((1 / 8) / (1 / 16))
    kl_q = math.log((1 / 4) / (3 / 16))
    assert jensen_shannon(half, RING) == pytest.approx((kl_p + kl_q) / 2, abs=0.003)


def test_the_sum_over_cells_is_the_integral_of_two_gaussians():
    edges = [np.linspace(-12, 12, 801), np.linspace(-10, 10, 101)]
    p, q = (cell_masses(torch.tensor([[shift, 0.0]], dtype=torch.float64), 1.0, edges) for shift in (0.0, 1.5))

    def integrand(x: float) -> float:
        a, b = norm.pdf(x), norm.pdf(x, 1.5)
        return 0.5 * (a * math.log(2 * a / (a + b)) + b * math.log(2 * b / (a + b)))

    assert divergence(p, q) == pytest.approx(quad(integrand, -12, 12)[0], rel=1e-3)


def test_a_sample_that_is_not_finite_has_no_divergence():
    assert math.isnan(jensen_shannon(torch.full((3, 2), float("nan")), RING))


def test_the_discriminators_estimate_is_ln_2_minus_half_its_cross_entropy(
    small_game: Callable[..., Any], points: Callable[..., Gaussians]
):
    data, game = points(), small_game()
    game.judge = lambda samples: torch.where(samples[:, 0] > 0, 2.0, -1.0)
    samples = torch.tensor([[-1.0, 0.0], [-2.0, 1.0], [1.0, 0.0], [-1.0, 1.0]])
    figures = JensenShannon(4).measure(Draw(samples, data, game))
    real = [math.log1p(math.exp(-2 if x > 0 else 1)) for x in data.held_out(4, 2)[:, 0]]
    fake = [math.log1p(math.exp(2 if x > 0 else -1)) for x in samples[:, 0]]
    expected = math.log(2) - (sum(real) / 4 + sum(fake) / 4) / 2
    assert figures["jsd_discriminator"] == pytest.approx(expected, rel=1e-5)


def test_a_loss_without_probabilities_gives_no_estimate(small_game: Callable[..., Any], points: Any):
    from gan_lightning.losses import Hinge

    figures = JensenShannon(8).measure(Draw(torch.zeros(8, 2), points(), small_game(loss=Hinge())))
    assert set(figures) == {"jsd"}


def test_it_needs_a_known_mixture():
    roll = Gaussians("swiss_roll", None, None, None, 64, batch_size=4, minibatches=1, seed=0)
    with pytest.raises(UsageError, match="needs a known mixture"):
        JensenShannon(8).check(roll)
