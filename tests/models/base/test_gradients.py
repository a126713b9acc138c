"""What each step is taken with: its own loss's gradient alone, and clipped where a bound is set."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from lightning import Callback, Trainer
from torch import Tensor, nn

from gan_lightning.data.loader import Batch
from gan_lightning.models.base import AdversarialModule, Shown
from gan_lightning.penalties import R1, R2, Gradient

Game = Callable[..., AdversarialModule]
Fit = Callable[..., Trainer]
Each = Callable[..., Callback]
Watch = Callable[..., AdversarialModule]
Flat = Callable[[nn.Module], Tensor]

STILL = partial(torch.optim.SGD, lr=0.0)
GP = Gradient(10.0, 1.0, one_sided=False, every=1)


def test_the_discriminator_is_frozen_in_the_generators_step_and_free_again_behind_it(
    fit: Fit, each_iteration: Each, watched: Watch
):
    free: list[tuple[str, set[bool]]] = []

    def look(name: str, batch: Batch | None = None) -> None:
        free.append((name, {parameter.requires_grad for parameter in game.discriminator.parameters()}))

    game = watched(look)
    fit(game, steps=2, callbacks=[each_iteration(lambda game: look("end"))])
    iteration = [
        ("discriminator begins", {True}),
        ("discriminator ends", {True}),
        ("generator begins", {False}),
        ("end", {True}),
    ]
    assert free == iteration * 2


def test_the_generators_backward_leaves_the_discriminators_gradients_alone(
    fit: Fit, each_iteration: Each, watched: Watch
):
    gradients: list[list[Tensor]] = []

    def note() -> None:
        gradients.append([p.grad.clone() for p in game.discriminator.parameters() if p.grad is not None])

    game = watched(lambda name, batch: note() if name == "discriminator ends" else None)
    fit(game, steps=1, callbacks=[each_iteration(lambda game: note())])
    assert len(gradients[0]) == 4 == len(gradients[1])
    assert all(torch.equal(before, after) for before, after in zip(*gradients, strict=True))


def test_the_discriminators_step_gives_the_generator_no_gradient(fit: Fit, watched: Watch):
    seen: list[bool] = []
    game = watched(
        lambda name, batch: seen.append(all(p.grad is None for p in game.generator.parameters())),
        penalties={"gradient": GP, "r2": R2(1.0, every=1)},
    )
    fit(game, steps=1)
    assert seen == [True, True, True]  # until the generator's own backward


class Differentiated(AdversarialModule):
    """Computes what each loss's gradient must be, by itself."""

    expected: tuple[Tensor, ...]

    def discriminator_loss(self, batch: Batch, shown: Shown | None = None) -> Tensor:
        return self._expect(super().discriminator_loss(batch, shown), "discriminator")

    def generator_loss(self, batch: Batch, shown: Shown | None = None) -> Tensor:
        return self._expect(super().generator_loss(batch, shown), "generator")

    def _expect(self, loss: Tensor, player: str) -> Tensor:
        self.expected = torch.autograd.grad(loss, self.parameters_of[player], retain_graph=True)
        return loss

    def is_exact(self, player: str) -> bool:
        return all(torch.equal(p.grad, g) for p, g in zip(self.parameters_of[player], self.expected, strict=True))


def test_each_step_is_taken_with_the_gradient_of_its_own_loss_alone(small_game: Game, fit: Fit, each_iteration: Each):
    """Nothing is left of the step before, of the other player, or of a penalty's inner gradient."""
    exact: list[bool] = []
    game = small_game(Differentiated, penalties={"r1": R1(1.0, every=1), "gradient": GP}, n_critic=3)
    game.after_discriminator_step = lambda: exact.append(game.is_exact("discriminator"))
    fit(game, steps=3, callbacks=[each_iteration(lambda game: exact.append(game.is_exact("generator")))])
    assert exact == [True] * 4 * 3


def gradient(player: str, small_game: Game, fit: Fit, max_grad_norm: float | None) -> Tensor:
    """What a player's first step is taken with."""
    game = small_game(optimizer=STILL, max_grad_norm=max_grad_norm)
    fit(game, steps=1)
    return torch.cat([parameter.grad.flatten() for parameter in getattr(game, player).parameters()])


@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_max_grad_norm_shortens_a_gradient_to_the_bound_and_keeps_its_direction(
    player: str, small_game: Game, fit: Fit
):
    free = gradient(player, small_game, fit, None)
    bound = free.norm().item() / 4
    clipped = gradient(player, small_game, fit, bound)
    assert clipped.norm().item() == pytest.approx(bound, rel=1e-4)
    assert clipped.norm().item() <= bound * (1 + 1e-6)
    torch.testing.assert_close(clipped / clipped.norm(), free / free.norm(), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_a_gradient_below_the_bound_is_left_alone(player: str, small_game: Game, fit: Fit):
    free = gradient(player, small_game, fit, None)
    assert torch.equal(gradient(player, small_game, fit, 4 * free.norm().item()), free)


@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_the_clipped_gradient_is_what_the_optimizer_steps_with(player: str, small_game: Game, fit: Fit, flat: Flat):
    optimizers = {"generator": STILL, "discriminator": STILL} | {player: partial(torch.optim.SGD, lr=1.0)}
    game = small_game(optimizers=optimizers, max_grad_norm=1e-2)
    before = flat(getattr(game, player))
    fit(game, steps=1)
    assert (flat(getattr(game, player)) - before).norm().item() == pytest.approx(1e-2, rel=1e-3)


@pytest.mark.parametrize("bound", [None, 1e-2])
def test_the_logged_gradient_norms_are_those_before_clipping(
    bound: float | None, small_game: Game, fit: Fit, memory_logger: Any
):
    fit(small_game(optimizer=STILL, max_grad_norm=bound), steps=1, loggers=[memory_logger])
    ((_, figures),) = memory_logger.records
    for player in ("generator", "discriminator"):
        expected = gradient(player, small_game, fit, None).norm().item()
        assert expected > 1e-2
        assert figures[f"gradient_norm/{player}"] == pytest.approx(expected, rel=1e-5)
