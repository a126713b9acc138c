"""The critic of many outputs, and the witness function that it makes with a kernel."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from gan_lightning.data.loader import Batch
from gan_lightning.errors import UsageError
from gan_lightning.kernel_loss import SquaredMMD
from gan_lightning.kernels import RationalQuadratic
from gan_lightning.losses import Hinge
from gan_lightning.models.base import AdversarialModule
from gan_lightning.models.mmdgan import MMDGAN
from gan_lightning.noise import generator
from gan_lightning.penalties import Gradient

Game = Callable[..., Any]
LOSS = SquaredMMD(RationalQuadratic([0.5, 2.0]))
GP = {"gradient": Gradient(1.0, 1.0, one_sided=False, every=1)}


def test_the_critic_has_as_many_outputs_as_asked_for(small_game: Game):
    game = small_game(MMDGAN, LOSS, features=5)
    assert game.discriminator(torch.randn(3, 2)).shape == (3, 5)


def test_the_players_pull_every_output_apart_and_together(small_game: Game):
    game = small_game(MMDGAN, LOSS, GP, features=3)
    batch = Batch(torch.randn(6, 2), None)
    for objective, player in ((game.discriminator_loss, "discriminator"), (game.generator_loss, "generator")):
        objective(batch).backward()
        weights = [parameter.grad for parameter in game.parameters_of[player] if parameter.dim() > 1]
        assert all(gradient is not None and gradient.any() for gradient in weights)


def test_the_first_real_samples_of_the_last_step_are_kept_as_often_as_there_is_room(
    small_game: Game, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(AdversarialModule, "play", lambda game, batch: None)
    game = small_game(MMDGAN, LOSS, features=2, n_critic=2)
    for first, last in (torch.randn(2, 3, 2), torch.randn(2, 100, 2)):
        game.play(Batch(torch.cat([first, last]), None))
        assert torch.equal(game.landmarks, last.repeat(22, 1)[:64])


def test_the_verdict_is_the_witness_function_between_kept_reals_and_fresh_fakes(small_game: Game):
    game = small_game(MMDGAN, LOSS, features=4)
    game.discriminator_loss(Batch(torch.randn(64, 2), None))
    samples = torch.randn(5, 2)
    fakes = game.generator(game.latents(64, generator(game.seed)))
    h = game.discriminator
    expected = LOSS.kernel(h(samples), h(game.landmarks)).mean(1) - LOSS.kernel(h(samples), h(fakes)).mean(1)
    torch.testing.assert_close(game.judge(samples), expected.detach())


def test_a_loss_that_reads_one_output_is_refused(small_game: Game):
    with pytest.raises(UsageError, match="a critic of many outputs, which loss=mmd alone reads"):
        small_game(MMDGAN, Hinge(), features=4)


@pytest.mark.parametrize("precision", ["32-true", "64-true", "bf16-mixed"])
def test_the_game_is_played_in_every_precision(precision: Any, small_game: Game, fit: Any):
    game = small_game(MMDGAN, LOSS, GP, features=3, n_critic=2)
    fit(game, steps=2, precision=precision)
    assert all(parameter.isfinite().all() for parameter in game.parameters())
    assert game.judge(torch.randn(3, 2)).shape == (3,)
