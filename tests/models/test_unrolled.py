"""The look ahead: what it adds to the generator's gradient, and that nothing else feels it."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from gan_lightning.data.loader import Batch
from gan_lightning.losses import Minimax, NonSaturating, Wasserstein
from gan_lightning.models.gan import GAN
from gan_lightning.models.unrolled import UnrolledGAN
from gan_lightning.penalties import R1, Gradient

Game = Callable[..., Any]
WEIGHT = torch.tensor([1.0, -2.0])
REAL = torch.tensor([[1.0, 1.0], [3.0, 1.0]])  # mean (2, 1)
FAKE = torch.tensor([[0.0, 0.0], [0.0, 2.0]])  # mean (0, 1)


class Linear(nn.Module):
    """f(x) = w.x."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(WEIGHT.clone())

    def forward(self, samples: Tensor) -> Tensor:
        return samples @ self.weight


def linear(small_game: Game, **own: Any) -> Any:
    with pytest.warns(UserWarning, match="nothing bounds this Wasserstein critic"):
        game = small_game(UnrolledGAN, Wasserstein(), **own)
    game.discriminator = Linear()
    return game


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_a_linear_critic_moves_along_the_difference_of_the_means(steps: int, small_game: Game):
    """Its gradient is mean(fake) - mean(real) = (-2, 0) wherever it stands."""
    game = linear(small_game, unrolling=steps, unrolling_lr=0.25)
    said = game.opponent(Batch(REAL, None), REAL, FAKE)(torch.eye(2))
    assert said.tolist() == [1 + steps * 0.25 * 2, -2]


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_the_generators_gradient_goes_through_the_steps(steps: int, small_game: Game):
    """Its objective is w.(r - f) + k rate |f - r|^2 with means r and f, so the gradient at each of two fakes is half of
    -w + 2 k rate (f - r): the steps ahead draw the fakes' mean to the data's."""
    game = linear(small_game, unrolling=steps, unrolling_lr=0.25)
    fake = FAKE.clone().requires_grad_()
    game.sides = lambda batch, latents: (batch.real, fake)
    objective = game.generator_loss(Batch(REAL, None))
    assert objective.item() == 2 + steps * 0.25 * 4
    objective.backward()
    assert fake.grad is not None
    assert fake.grad.tolist() == [[(-1 + 2 * steps * 0.25 * -2) / 2, 1.0]] * 2


def test_a_quadratic_penalty_pulls_the_steps_back(small_game: Game):
    """R1 of a linear critic is weight |w|^2: one step from w is w - rate (mean(fake) - mean(real) + 2 weight w)."""
    game = linear(small_game, penalties={}, unrolling=1, unrolling_lr=0.25)
    game.penalties = {"r1": R1(weight=1.0, every=1)}
    said = game.opponent(Batch(REAL, None), REAL, FAKE)(torch.eye(2))
    assert said.tolist() == [1 - 0.25 * (-2 + 2), -2 - 0.25 * -4]


def test_no_step_ahead_is_the_saturating_game(small_game: Game):
    ordinary, unrolled = small_game(GAN, Minimax()), small_game(UnrolledGAN, Minimax(), unrolling=0, unrolling_lr=1.0)
    gradients = []
    for game in (ordinary, unrolled):
        torch.manual_seed(1)
        game.generator_loss(Batch(REAL, None)).backward()
        gradients.append([parameter.grad for parameter in game.generator.parameters()])
    for left, right in zip(*gradients, strict=True):
        torch.testing.assert_close(left, right)


@pytest.mark.parametrize("norm", ["batch", "spectral", "layer"])
def test_neither_weights_nor_buffers_feel_the_look_ahead(
    norm: str, small_game: Game, state: Callable[..., dict[str, Tensor]], identical: Callable[..., bool]
):
    game = small_game(UnrolledGAN, Minimax(), discriminator_norm=norm, unrolling=3, unrolling_lr=0.5)
    before = state(game)
    critic = game.opponent(Batch(REAL, None), REAL, FAKE)
    assert not torch.equal(critic(REAL), game.discriminator.eval()(REAL))
    assert identical(state(game), before)
    assert all(parameter.grad is None for parameter in game.discriminator.parameters())


@pytest.mark.parametrize("precision", ["32-true", "64-true", "bf16-mixed"])
def test_the_game_is_played_in_every_precision(precision: Any, small_game: Game, fit: Any):
    penalties = {"gradient": Gradient(0.1, 1.0, one_sided=False, every=1)}
    game = small_game(UnrolledGAN, NonSaturating(), penalties, unrolling=2, unrolling_lr=0.1)
    before = [parameter.detach().clone() for parameter in game.generator.parameters()]
    fit(game, steps=2, precision=precision)
    for old, new in zip(before, game.generator.parameters(), strict=True):
        assert new.isfinite().all() and not torch.equal(old, new.to(old.dtype))
