"""Latents and the samples that are made of them outside training."""

import math
from collections.abc import Callable

import pytest
import torch
from lightning import Trainer
from torch import Tensor, nn

from gan_lightning.models.base import AdversarialModule

Game = Callable[..., AdversarialModule]
Fit = Callable[..., Trainer]
State = Callable[[nn.Module], dict[str, Tensor]]


@pytest.mark.parametrize("training", [True, False])
def test_samples_come_from_eval_mode_and_leave_the_mode_alone(training: bool, small_game: Game, state: State):
    game = small_game(generator_norm="batch", ema=0)
    game.train(training)
    latents = game.latents(6)
    before = state(game)
    samples = game.sample(latents, "raw")
    assert all(torch.equal(value, before[name]) for name, value in state(game).items())
    assert game.generator.training == training
    assert not samples.requires_grad
    torch.testing.assert_close(samples, game.generator.eval()(latents).detach())


def test_a_sample_does_not_depend_on_how_many_are_made_at_once(small_game: Game):
    game = small_game(generator_norm="batch")
    latents = game.latents(7)
    torch.testing.assert_close(game.sample(latents, "raw", batch_size=2), game.sample(latents, "raw", batch_size=7))
    assert game.sample(latents, "raw", batch_size=2).shape == (7, 2)


def test_forward_is_the_averaged_generator_where_there_is_one(small_game: Game, fit: Fit):
    averaged, raw = small_game(ema=0.9), small_game(ema=0)
    fit(averaged, steps=3)
    latents = averaged.latents(5)
    assert torch.equal(averaged(latents), averaged.sample(latents, "ema"))
    assert not torch.equal(averaged(latents), averaged.sample(latents, "raw"))
    assert torch.equal(raw(latents), raw.sample(latents, "raw"))


def test_latents_are_standard_normal_and_given_randomness_is_all_they_depend_on(small_game: Game):
    game = small_game()
    torch.manual_seed(1)
    first = game.latents(20_000, torch.Generator().manual_seed(5))
    torch.manual_seed(2)
    assert torch.equal(game.latents(20_000, torch.Generator().manual_seed(5)), first)
    assert first.shape == (20_000, 2)
    assert first.mean().item() == pytest.approx(0, abs=4 / math.sqrt(40_000))
    assert first.std().item() == pytest.approx(1, abs=4 / math.sqrt(80_000))


def test_attributes_are_set_as_any_modules_are(small_game: Game, fit: Fit):
    game = small_game()
    trainer = fit(game, steps=1)
    game.seed = 5
    game.generator = None
    game.trainer = None
    assert game.seed == 5
    assert game.generator is None and "generator" in game._modules
    assert game._trainer is None and "trainer" not in vars(game)
    with pytest.raises(AttributeError):
        game.device = None  # a property
    assert trainer.lightning_module is game
