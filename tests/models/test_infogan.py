"""InfoGAN: the information bound, and who is trained by it."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.distributions import Categorical, Normal

from gan_lightning.critique import Critique
from gan_lightning.data.loader import Batch
from gan_lightning.models.infogan import InfoGAN, gaussian_surprise

Make = Callable[..., Any]
KNOBS = {"categories": 3, "continuous": 2, "categorical_weight": 2.0, "continuous_weight": 0.5, "head_width": 6}
BATCH = Batch(torch.randn(5, 2), None)


def test_the_terms_are_the_weighted_surprises_of_the_codes(labelled_game: Make) -> None:
    game = labelled_game(InfoGAN, **KNOBS)
    game.watching = True
    latents, said = game.latents(5), torch.randn(5, 1 + 3 + 2 + 2)
    critique = Critique(lambda samples: said, BATCH.real, BATCH.real)
    terms = game.generator_terms(critique, BATCH, latents)
    category, codes = latents[:, 4:7].argmax(1), latents[:, 7:]
    categorical = -Categorical(logits=said[:, 1:4]).log_prob(category).mean()
    continuous = -Normal(said[:, 4:6], said[:, 6:].exp()).log_prob(codes).sum(1).mean()
    torch.testing.assert_close(terms["codes/categorical"], 2 * categorical)
    torch.testing.assert_close(terms["codes/continuous"], 0.5 * continuous)
    torch.testing.assert_close(game.scalars["information/categorical"], math.log(3) - categorical)
    torch.testing.assert_close(game.scalars["information/continuous"], 2 * math.log(2) - continuous)


def test_codes_that_are_known_give_all_their_information() -> None:
    codes = torch.rand(7, 2) * 2 - 1
    surprise = gaussian_surprise(codes, codes, torch.full((7, 2), -3.0))
    assert surprise.item() == pytest.approx(2 * (math.log(2 * math.pi) / 2 - 3))


def test_either_loss_teaches_its_player_to_tell_the_codes(labelled_game: Make) -> None:
    game = labelled_game(InfoGAN, **KNOBS)
    assert game.generator.latent_dim == 4 + 3 + 2 == game.prior.dim
    for player, loss in (("discriminator", game.discriminator_loss), ("generator", game.generator_loss)):
        loss(BATCH).backward()
        assert all(p.grad is not None and p.grad.isfinite().all() for p in game.parameters_of[player])
    assert game.guess[-1].weight.grad.any() and game.guess[-1].weight.shape == (7, 6)
    assert any(parameter is game.guess[-1].weight for parameter in game.parameters_of["discriminator"])


def test_the_category_of_a_sample_is_the_likeliest_and_codes_do_not_count(labelled_game: Make) -> None:
    game = labelled_game(InfoGAN, **KNOBS)
    category = game.categories(BATCH.real)
    assert game.guess.training and game.discriminator.training
    said = game.eval().verdict(BATCH.real)
    assert torch.equal(category, said[:, 1:4].argmax(1)) and torch.equal(said[:, 0], game.judge(BATCH.real))


def test_without_continuous_codes_only_the_category_counts(labelled_game: Make) -> None:
    game = labelled_game(InfoGAN, **KNOBS | {"continuous": 0})
    critique = Critique(game.verdict, *game.sides(BATCH, latents := game.latents(5)))
    assert game.generator_terms(critique, BATCH, latents)["codes/continuous"].item() == 0
    game.generator_loss(BATCH).backward()
    assert all(p.grad.isfinite().all() for p in game.parameters_of["generator"])


def test_q_reads_the_discriminators_features_and_does_not_shape_them(labelled_game: Make) -> None:
    game = labelled_game(InfoGAN, **KNOBS)
    critique = Critique(game.critic(BATCH), *game.sides(BATCH, latents := game.latents(5)))
    sum(game.discriminator_terms(critique, BATCH, latents).values()).backward()
    assert game.guess[-1].weight.grad.any()
    assert not any(p.grad is not None and p.grad.any() for p in game.discriminator.parameters())
