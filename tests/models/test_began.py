"""The equilibrium of two errors."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from lightning import Trainer
from torch import Tensor

from gan_lightning.critique import Critique
from gan_lightning.models.began import BEGAN

Fit = Callable[..., Trainer]
REAL, FAKE = torch.tensor([-4.0, -2.0]), torch.tensor([-0.5, -1.5])  # logits: errors of mean 3 and 1


@pytest.fixture
def began(small_game: Callable[..., Any]) -> Callable[..., Any]:
    """A factory of small ones."""
    settings = {"gamma": 0.5, "lambda_k": 0.1, "code_dim": 1, "eta": 1}
    return lambda **others: small_game(BEGAN, **(settings | others))


def critique(real: Tensor = REAL, fake: Tensor = FAKE) -> Critique:
    return Critique(lambda logits: logits, real, fake)


def test_the_losses_are_the_papers(began: Any):
    game = began()
    game.k.fill_(0.25)
    assert game.discriminator_objective(critique()).item() == pytest.approx(3 - 0.25 * 1)
    assert game.generator_objective(critique()).item() == pytest.approx(1)


@pytest.mark.parametrize(("k", "gamma", "expected"), [(0.25, 0.5, 0.3), (0.98, 0.5, 1.0), (0.02, 0.0, 0.0)])
def test_k_follows_the_balance_and_stays_in_its_range(k: float, gamma: float, expected: float, began: Any):
    game = began(gamma=gamma)
    game.k.fill_(k)
    game.discriminator_objective(critique())
    game.after_discriminator_step()
    assert game.k.item() == pytest.approx(expected)


@pytest.mark.parametrize(("fake", "expected"), [((-0.5, -1.5), 3.5), ((-2.0, -4.0), 4.5)])
def test_the_measure_of_convergence_counts_either_side(fake: tuple[float, float], expected: float, began: Any):
    game = began()
    one = critique(fake=torch.tensor(fake))
    game.discriminator_objective(one)
    game.diagnose(one)
    assert {name: value.item() for name, value in game.scalars.items()} == pytest.approx(
        {"k": 0.0, "convergence": expected}
    )


def test_k_moves_at_each_critic_step_and_is_part_of_a_checkpoint(began: Any, fit: Fit):
    game = began(n_critic=2, gamma=1.0)
    game.k.fill_(0.5)
    moves: list[float] = []
    step = game.after_discriminator_step

    def note() -> None:
        before = game.k.item()
        step()
        moves.append(game.k.item() - before)

    game.after_discriminator_step = note
    fit(game, steps=2)
    assert len(moves) == 4 and all(moves)
    assert game.state_dict()["k"].item() == pytest.approx(0.5 + sum(moves))


def test_the_logit_is_minus_the_error(began: Any):
    game = began()
    samples = torch.randn(5, 2)
    critic = game.discriminator
    expected = -(samples - critic.decoder(critic.encoder(samples))).abs().mean(1)
    assert torch.allclose(game.score(samples), expected)
    assert not game.scores_are_probabilities
