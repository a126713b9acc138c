"""Pairs: how they are made, who moves them, and what is said of a sample alone."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from torch import nn

from gan_lightning.critique import Critique
from gan_lightning.data.loader import Batch
from gan_lightning.errors import UsageError
from gan_lightning.kernel_loss import SquaredMMD
from gan_lightning.kernels import RationalQuadratic
from gan_lightning.losses import Hinge, LeastSquares, Loss, Minimax, NonSaturating, RelativisticAverage, Wasserstein
from gan_lightning.models.bigan import BiGAN
from gan_lightning.networks import mlp
from gan_lightning.penalties import R1, Gradient

Game = Callable[..., Any]
SAME: dict[str, Any] = {"norm": "none"}
GP = Gradient(1.0, 1.0, one_sided=False, every=1)
LOSSES = [
    NonSaturating(),
    Minimax(),
    LeastSquares(0.0, 1.0, 1.0),
    Hinge(),
    Wasserstein(),
    RelativisticAverage(),
    SquaredMMD(RationalQuadratic([1.0])),
]


class Sum(nn.Module):
    """x_1 + 10 z_1, whatever the scale of z."""

    def forward(self, samples: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        return samples[:, 0] + 10 * 2**0.5 * condition[:, 0]


def test_a_pair_is_a_sample_with_its_latent_behind_it(small_game: Game):
    game = small_game(BiGAN, encoder=SAME)
    batch, latents = Batch(torch.randn(4, 2), None), game.latents(4)
    real, fake = game.sides(batch, latents)
    torch.testing.assert_close(real, torch.cat([batch.real, game.encoder(batch.real)], 1))
    torch.testing.assert_close(fake, torch.cat([game.generator(latents), latents], 1))


def test_the_critic_parts_a_pair_again(small_game: Game):
    game = small_game(BiGAN, encoder=SAME)
    game.discriminator = Sum()
    said = game.critic(Batch(torch.zeros(1, 2), None))(torch.tensor([[1.0, 2.0, 3.0, 4.0]]))
    assert said.item() == pytest.approx(31, rel=1e-6)


def test_a_penalty_takes_the_slope_in_sample_and_latent(small_game: Game):
    game = small_game(BiGAN, encoder=SAME)
    game.discriminator = Sum()
    pairs = torch.randn(3, 4)
    critique = Critique(game.critic(Batch(pairs[:, :2], None)), pairs, pairs)
    assert R1(weight=1.0, every=1)(critique).item() == pytest.approx(1 + 100, rel=1e-5)


def test_the_encoder_steps_with_the_generator_and_is_not_averaged(small_game: Game):
    game = small_game(BiGAN, encoder=SAME)
    own = {id(parameter) for network in (game.generator, game.encoder) for parameter in network.parameters()}
    assert {id(parameter) for parameter in game.parameters_of["generator"]} == own
    assert [name for name, _ in game.average.generator.named_parameters()] == [
        name for name, _ in game.generator.named_parameters()
    ]


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
def test_under_every_loss_both_makers_of_pairs_learn(loss: Loss, small_game: Game):
    game = small_game(BiGAN, loss, {"gradient": GP}, encoder=SAME)
    batch = Batch(torch.randn(4, 2), None)
    game.discriminator_loss(batch).backward()
    assert all(parameter.grad is None for parameter in game.encoder.parameters())
    game.generator_loss(batch).backward()
    for network in (game.generator, game.encoder):
        assert all(parameter.grad is not None and parameter.grad.any() for parameter in network.parameters())


def test_the_makers_objective_is_the_discriminators_with_the_labels_exchanged(small_game: Game):
    game = small_game(BiGAN, NonSaturating(), encoder=SAME)
    critique = Critique(lambda logits: logits, torch.tensor([0.0, 2.0]), torch.tensor([1.0, -1.0]))
    softplus = nn.functional.softplus
    expected = softplus(critique.real_said).mean() + softplus(-critique.fake_said).mean()
    assert game.generator_objective(critique).item() == pytest.approx(expected.item(), rel=1e-6)


def test_a_sample_alone_is_judged_with_its_code(small_game: Game):
    game = small_game(BiGAN, encoder={"norm": "batch"})
    game.encoder(torch.randn(8, 2))  # statistics that are not those of any batch below
    samples = torch.randn(4, 2)
    game.encoder.eval()
    expected = game.discriminator(samples, game.encoder(samples) / 2**0.5).detach()
    game.encoder.train()
    torch.testing.assert_close(game.judge(samples), expected)
    assert game.encoder.training
    assert game.divergence_bound(samples, samples) is None


def test_the_reconstruction_error_is_the_mean_distance_an_entry(small_game: Game):
    game = small_game(BiGAN, encoder=SAME)
    game.generator.forward = lambda latents: latents + 1  # G(z) = z + 1
    real = torch.tensor([[1.0, 2.0, 3.0, 1.0]])  # |x - (E(x) + 1)| = |1 - 4|, |2 - 2|
    game.diagnose(Critique(lambda pairs: pairs[:, 0], real, real))
    assert game.scalars["reconstruction"].item() == 1.5


def test_the_encoder_is_of_the_discriminators_family_with_settings_of_its_own(small_game: Game):
    game = small_game(BiGAN, encoder={"norm": "batch", "width": 16})
    assert isinstance(game.encoder.network, mlp.Discriminator)
    assert game.encoder.network.feature_dim == 16
    assert any(isinstance(module, nn.BatchNorm1d) for module in game.encoder.modules())
    assert not any(isinstance(module, nn.BatchNorm1d) for module in game.discriminator.modules())


def test_latents_of_one_number_are_refused(small_game: Game):
    one = partial(mlp.Generator, latent_dim=1, width=8, depth=1, activation="relu", norm="none")
    other = partial(mlp.Discriminator, width=8, depth=1, activation="relu", norm="none")
    with pytest.raises(UsageError, match="network.generator.latent_dim=1: raise it"):
        BiGAN(encoder=SAME, shape=(2,), generator=one, discriminator=other)


@pytest.mark.parametrize("precision", ["32-true", "64-true", "bf16-mixed"])
def test_the_game_is_played_in_every_precision(precision: Any, small_game: Game, fit: Any):
    game = small_game(BiGAN, encoder={"norm": "batch"})
    fit(game, steps=2, precision=precision)
    assert all(parameter.isfinite().all() for parameter in game.parameters())
