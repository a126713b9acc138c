"""The bound, its parts, and the step that both players take together."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from lightning import Trainer
from torch import Tensor, nn

from gan_lightning.data.loader import Batch
from gan_lightning.errors import UsageError
from gan_lightning.likelihoods import Gaussian, Laplace
from gan_lightning.losses import Hinge
from gan_lightning.models.vae import VAE
from gan_lightning.penalties import R1

Game = Callable[..., VAE]
Fit = Callable[..., Trainer]
SGD = partial(torch.optim.SGD, lr=0.1)
SAMPLES = torch.tensor([[1.0, -2.0], [0.5, 0.0], [3.0, 1.0]])


@pytest.fixture
def vae(small_game: Callable[..., Any]) -> Game:
    """A factory of small ones."""

    def make(beta: float = 1.0, sigma: float = 0.5, learnt: bool = True, **settings: Any) -> Any:
        return small_game(VAE, beta=beta, likelihood=Gaussian(sigma, learnt), **settings)

    return make


def zero(*modules: nn.Module) -> None:
    for module in modules:
        for weight in module.parameters():
            nn.init.zeros_(weight)


def test_with_the_prior_as_posterior_and_a_decoder_of_zeros_the_bound_is_the_density_about_zero(vae: Game):
    game = vae()
    zero(game.discriminator, game.generator)
    reconstruction, divergence = game.evidence(SAMPLES, torch.randn(3, 2))
    expected = [-(x**2 + y**2) / 2 / 0.25 - 2 * math.log(0.5 * math.sqrt(2 * math.pi)) for x, y in SAMPLES.tolist()]
    assert reconstruction.tolist() == pytest.approx(expected, rel=1e-5)
    assert divergence.tolist() == [0, 0, 0]
    assert game.judge(SAMPLES).tolist() == pytest.approx(expected, rel=1e-5) == game.score(SAMPLES).tolist()


def test_the_divergence_is_that_of_two_normals(vae: Game):
    """Means 1 and 2, deviations e^0.5 and 1: (1 + e - 1 - 1) / 2 + (4 + 1 - 1 - 0) / 2."""
    game = vae()
    zero(game.discriminator)
    game.discriminator.get_parameter("head.bias").data = torch.tensor([1.0, 2.0, 1.0, 0.0])
    _, divergence = game.evidence(SAMPLES, torch.zeros(3, 2))
    assert divergence.tolist() == pytest.approx([(math.e - 1) / 2 + 2] * 3)


def test_the_decoder_sees_the_mean_and_the_deviation_times_the_noise(vae: Game):
    game = vae()
    zero(game.discriminator)
    game.discriminator.get_parameter("head.bias").data = torch.tensor([1.0, 2.0, math.log(4), 0.0])
    reconstruction, _ = game.evidence(SAMPLES, torch.tensor([3.0, -1.0]).expand(3, 2))
    made = game.generator(torch.tensor([[1.0 + 2 * 3.0, 2.0 - 1.0]])).expand(3, 2)
    assert torch.allclose(reconstruction, game.likelihood(made, SAMPLES))


@pytest.mark.parametrize("beta", [1.0, 4.0])
def test_beta_weighs_the_divergence_and_leaves_the_bound_that_is_logged(beta: float, vae: Game):
    game = vae(beta)
    game.watching = True
    loss = game.generator_loss(Batch(SAMPLES, None))
    logged = {name: value.item() for name, value in game.scalars.items()}
    assert loss.item() == pytest.approx(beta * logged["kl"] - logged["reconstruction"])
    assert logged["elbo"] == pytest.approx(logged["reconstruction"] - logged["kl"])
    assert logged["sigma"] == pytest.approx(0.5)
    assert logged["kl"] > 0


def test_both_players_and_sigma_take_one_step_down_one_gradient(vae: Game, fit: Fit, points: Any):
    game, still = vae(optimizer=SGD, ema=0.0), vae(optimizer=SGD, ema=0.0)
    seen: list[tuple[Tensor, Tensor]] = []
    evidence = game.evidence

    def look(samples: Tensor, standard: Tensor) -> tuple[Tensor, Tensor]:
        seen.append((samples, standard))
        return evidence(samples, standard)

    game.evidence = look  # type: ignore[method-assign]
    assert fit(game, steps=1, data=points()).global_step == 1
    ((samples, standard),) = seen
    reconstruction, divergence = still.evidence(samples, standard)
    (divergence - reconstruction).mean().backward()
    for (name, after), before in zip(game.named_parameters(), still.parameters(), strict=True):
        moved = torch.zeros_like(before) if before.grad is None else 0.1 * before.grad
        assert torch.allclose(after, before - moved, atol=1e-6), name
    assert game.likelihood.sigma.item() != 0.5


def test_a_sigma_that_is_fixed_stays(vae: Game, fit: Fit):
    game = vae(learnt=False)
    fit(game, steps=2)
    assert game.likelihood.sigma.item() == 0.5


def test_judging_takes_no_part_in_training(vae: Game, state: Any, identical: Any):
    game = vae(generator_norm="batch", discriminator_norm="batch")
    before, again = state(game), game.judge(SAMPLES)
    assert torch.equal(game.judge(SAMPLES), again)
    assert identical(state(game), before)
    assert all(module.training for module in game.modules())
    assert not game.scores_are_probabilities
    assert game.divergence_bound(SAMPLES, SAMPLES) is None


def test_what_it_has_no_place_for_is_refused(vae: Game, small_game: Any):
    with pytest.raises(UsageError, match="objectives of its own, and so there is no place for the loss Hinge"):
        small_game(VAE, loss=Hinge(), beta=1.0, likelihood=Gaussian(0.1, learnt=True))
    with pytest.raises(UsageError, match=r"leave penalty=\[r1\] out"):
        vae(penalties={"r1": R1(1.0, every=1)})
    with pytest.raises(UsageError, match=r"model\.n_critic is 2, .*: set it to 1"):
        vae(n_critic=2)


def test_a_checkpoint_tells_likelihoods_apart(small_game: Any, vae: Game):
    other = small_game(VAE, beta=1.0, likelihood=Laplace(0.1, learnt=True))
    assert (vae().objective, other.objective) == ("ELBO, Gaussian", "ELBO, Laplace")
