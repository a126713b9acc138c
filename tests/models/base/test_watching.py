"""What is logged, when, and on which axis."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from lightning import Callback, Trainer
from torch import Tensor

from gan_lightning.data.loader import Batch
from gan_lightning.losses import (
    Wasserstein,
)
from gan_lightning.models.base import AdversarialModule, Shown
from gan_lightning.models.gan import GAN
from gan_lightning.models.wgan import WGAN
from gan_lightning.models.wgan_gp import WGANGP
from gan_lightning.penalties import R1, Dragan, Gradient

Game = Callable[..., AdversarialModule]
Fit = Callable[..., Trainer]
Each = Callable[..., Callback]

STILL = partial(torch.optim.SGD, lr=0.0)
GP = Gradient(10.0, 1.0, one_sided=False, every=1)


COMMON = {
    *("loss/discriminator", "loss/generator", "score/real", "score/fake_before", "score/fake_after"),
    *("gradient_norm/discriminator", "gradient_norm/generator"),
    *("learning_rate/discriminator", "learning_rate/generator"),
}

ACCURACY = {"accuracy/real", "accuracy/fake"}


@pytest.mark.parametrize(
    ("settings", "own"),
    [
        ({"model": GAN}, ACCURACY),
        ({"model": GAN, "penalties": {"a": R1(1.0, every=1), "b": GP}}, ACCURACY | {"penalty/a", "penalty/b"}),
        ({"model": WGAN, "loss": Wasserstein(), "clip": 0.01}, {"wasserstein"}),
        ({"model": WGANGP, "loss": Wasserstein(), "penalties": {"gp": GP}}, {"wasserstein", "slope", "penalty/gp"}),
    ],
    ids=["GAN", "GAN with penalties", "WGAN", "WGANGP"],
)
def test_the_axis_is_iterations_and_the_keys_are_the_variants(
    settings: dict[str, Any], own: set[str], small_game: Game, fit: Fit, memory_logger: Any
):
    fit(small_game(**settings, n_critic=2), steps=7, loggers=[memory_logger], log_every=2)
    assert [step for step, _ in memory_logger.records] == [2, 4, 6]
    for _, figures in memory_logger.records:
        assert set(figures) - {"epoch"} == COMMON | own
        assert all(math.isfinite(value) for value in figures.values())


def test_nothing_is_watched_outside_logging_steps(small_game: Game, fit: Fit, memory_logger: Any, each_iteration: Each):
    watched_at: list[int] = []
    game = small_game(GAN, penalties={"r1": R1(1.0, every=1)}, n_critic=2)
    watch = game.watch

    def note(name: str, value: Tensor) -> None:
        watched_at.append(game.global_step)
        watch(name, value)

    game.watch = note  # type: ignore[method-assign]
    left: list[int] = []
    count = each_iteration(lambda game: left.append(len(game.scalars)))
    fit(game, steps=7, loggers=[memory_logger], log_every=3, callbacks=[count])
    assert set(watched_at) == {2, 5}  # the third iteration and the sixth
    assert [n > 0 for n in left] == [step in (3, 6) for step in range(1, 8)]  # they are told behind the callbacks
    assert game.scalars == {}


def test_without_a_logger_nothing_is_watched(small_game: Game, fit: Fit):
    game = small_game()
    game.watch = None  # type: ignore[method-assign, assignment]
    fit(game, steps=3)


def test_a_figure_waits_on_its_device_without_its_graph(small_game: Game):
    game = small_game()
    value = torch.ones((), requires_grad=True) * 2
    game.watch("name", value)
    assert game.scalars["name"].item() == 2
    assert not game.scalars["name"].requires_grad


def test_the_logged_loss_has_no_penalty_in_it_and_what_is_minimised_is_their_sum(
    small_game: Game, fit: Fit, memory_logger: Any
):
    minimised: list[float] = []
    game = small_game(GAN, penalties={"r1": R1(3.0, every=1), "dragan": Dragan(2.0, 1.0, 0.5, every=1)}, n_critic=2)
    compute = game.discriminator_loss

    def note(batch: Batch, shown: Shown | None = None) -> Tensor:
        loss = compute(batch, shown)
        minimised.append(loss.item())
        return loss

    game.discriminator_loss = note  # type: ignore[method-assign]
    fit(game, steps=1, loggers=[memory_logger])
    ((_, figures),) = memory_logger.records
    terms = [figures[name] for name in ("loss/discriminator", "penalty/r1", "penalty/dragan")]
    assert sum(terms) == pytest.approx(minimised[-1], rel=1e-6)  # of the iteration's last minibatch
    assert all(term > 0 for term in terms)


def test_the_scores_are_mean_probabilities_of_the_logarithmic_losses(small_game: Game, fit: Fit, memory_logger: Any):
    game = small_game(optimizers={"generator": STILL, "discriminator": STILL})
    for parameter in game.discriminator.parameters():
        parameter.data.zero_()
    game.discriminator.get_parameter("layers.2.bias").data.fill_(math.log(3))
    fit(game, steps=1, loggers=[memory_logger])
    ((_, figures),) = memory_logger.records
    for name in ("score/real", "score/fake_before", "score/fake_after"):
        assert figures[name] == pytest.approx(0.75, rel=1e-6)
