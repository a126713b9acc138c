"""What each player pays on a large draw, with discriminators that are known."""

import math
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from gan_lightning.data.gaussians import Gaussians
from gan_lightning.metrics.base import Draw
from gan_lightning.metrics.cross_entropy import CrossEntropy


class Constant(nn.Module):
    """The same logit for everything."""

    def __init__(self, logit: float) -> None:
        super().__init__()
        self.logit = logit

    def forward(self, samples: Tensor) -> Tensor:
        return torch.full((len(samples),), self.logit)


class Coordinate(nn.Module):
    """The first coordinate in the networks' units is the logit."""

    def forward(self, samples: Tensor) -> Tensor:
        return samples[:, 0]


def measured(discriminator: nn.Module, data: Gaussians, fake: Tensor, real: Tensor) -> dict[str, float]:
    module: Any = SimpleNamespace(judge=lambda samples: discriminator(samples))
    data.held_out = lambda n, draw: real  # type: ignore[method-assign]
    return CrossEntropy(len(fake)).measure(Draw(fake, data, module))


def test_an_undecided_discriminator_pays_ln_2_and_so_does_the_generator(points: Callable[..., Gaussians]):
    figures = measured(Constant(0.0), points(), torch.randn(7, 2), torch.randn(7, 2))
    assert figures == {
        "cross_entropy_discriminator": pytest.approx(math.log(2), rel=1e-6),
        "cross_entropy_generator": pytest.approx(math.log(2), rel=1e-6),
    }


@pytest.mark.parametrize("logit", [-2.0, 3.0])
def test_any_constant_costs_its_two_cross_entropies(logit: float, points: Callable[..., Gaussians]):
    real, fake = math.log1p(math.exp(-logit)), math.log1p(math.exp(logit))
    figures = measured(Constant(logit), points(), torch.randn(7, 2), torch.randn(7, 2))
    assert figures["cross_entropy_discriminator"] == pytest.approx((real + fake) / 2, rel=1e-6)
    assert figures["cross_entropy_generator"] == pytest.approx(real, rel=1e-6)


def test_the_discriminator_sees_the_networks_units_and_tells_real_from_fake(points: Callable[..., Gaussians]):
    data = points()
    real, fake = torch.tensor([[2.0, 0.0]]) * data.distribution.rms, torch.tensor([[-1.0, 0.0]]) * data.distribution.rms
    figures = measured(Coordinate(), data, fake, real)
    expected = (math.log1p(math.exp(-2)) + math.log1p(math.exp(-1))) / 2
    assert figures["cross_entropy_discriminator"] == pytest.approx(expected, rel=1e-6)
    assert figures["cross_entropy_generator"] == pytest.approx(math.log1p(math.exp(1)), rel=1e-6)


@pytest.mark.parametrize("norm", ["batch", "spectral"])
@pytest.mark.parametrize("training", [True, False])
def test_measuring_leaves_the_discriminator_as_it_was(
    norm: str,
    training: bool,
    small_game: Callable[..., Any],
    points: Callable[..., Gaussians],
    state: Callable[[nn.Module], dict[str, Tensor]],
    identical: Callable[[Mapping[str, Tensor], Mapping[str, Tensor]], bool],
):
    game = small_game(discriminator_norm=norm)
    game.discriminator.train(training)
    before = state(game)
    CrossEntropy(50).measure(Draw(torch.randn(50, 2), points(), game))
    assert identical(state(game), before)
    assert all(module.training == training for module in game.discriminator.modules())
