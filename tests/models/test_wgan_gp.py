"""The penalised critic's diagnostics."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from gan_lightning.critique import Critique
from gan_lightning.losses import Wasserstein
from gan_lightning.models.wgan_gp import WGANGP
from gan_lightning.penalties import Gradient

GP = {"gradient": Gradient(10.0, 1.0, one_sided=False, every=1)}


def test_the_slope_is_that_of_a_linear_critic(small_game: Callable[..., Any]):
    game = small_game(WGANGP, Wasserstein(), GP)
    critique = Critique(lambda x: x @ torch.tensor([3.0, 4.0]), torch.ones(6, 2), torch.zeros(6, 2))
    game.diagnose(critique)
    assert game.scalars["slope"].item() == pytest.approx(5, rel=1e-6)
    assert game.scalars["wasserstein"].item() == pytest.approx(7, rel=1e-6)
    assert not game.scalars["slope"].requires_grad


def test_the_slope_is_measured_half_way_and_averaged_over_samples(small_game: Callable[..., Any]):
    """|x|^2 / 2 has slope |x|: at (2, 0) and (0, 4), between the origin and twice that."""
    game = small_game(WGANGP, Wasserstein(), GP)
    real, fake = torch.tensor([[4.0, 0.0], [0.0, 8.0]]), torch.zeros(2, 2)
    game.diagnose(Critique(lambda x: x.square().sum(1) / 2, real, fake))
    assert game.scalars["slope"].item() == pytest.approx((2 + 4) / 2, rel=1e-6)


def test_diagnosing_leaves_spectral_vectors_and_training_mode_alone(
    small_game: Callable[..., Any], state: Callable[..., dict[str, Tensor]], identical: Callable[..., bool]
):
    game = small_game(WGANGP, Wasserstein(), discriminator_norm="spectral")
    critique = Critique(game.discriminator, torch.randn(6, 2), torch.randn(6, 2))
    _ = critique.real_logits, critique.fake_logits
    before = state(game)
    game.diagnose(critique)
    assert identical(state(game), before)
    assert all(module.training for module in game.discriminator.modules())
