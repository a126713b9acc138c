"""Packs: how samples lie in them, who sees them, and what a single sample gets."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor

from gan_lightning.critique import Critique
from gan_lightning.data.loader import Batch
from gan_lightning.errors import UsageError
from gan_lightning.losses import Hinge, Loss, NonSaturating, RelativisticAverage, Wasserstein
from gan_lightning.models.pacgan import PacGAN
from gan_lightning.networks import dcgan, resnet
from gan_lightning.penalties import R1, Gradient
from gan_lightning.schedules import Constant
from gan_lightning.speed import Speed

Game = Callable[..., Any]
GP = Gradient(weight=1.0, target=1.0, one_sided=False, every=1)


def test_a_pack_of_points_has_its_neighbours_coordinates_side_by_side(small_game: Game):
    game = small_game(PacGAN, pack=2)
    packs = game.packs(torch.arange(8.0).reshape(4, 2))
    assert packs.tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]


def test_a_pack_of_images_has_its_neighbours_channels_side_by_side(small_game: Game):
    game = small_game(PacGAN, pack=3)
    images = torch.randn(6, 2, 4, 4)
    packs = game.packs(images)
    assert packs.shape == (2, 6, 4, 4)
    assert torch.equal(packs[1], torch.cat([images[3], images[4], images[5]]))


def test_a_pack_is_all_real_or_all_generated(small_game: Game):
    game = small_game(PacGAN, pack=2)
    batch, latents = Batch(torch.randn(4, 2), None), game.latents(4)
    real, fake = game.sides(batch, latents)
    assert torch.equal(real.reshape(4, 2), batch.real)
    torch.testing.assert_close(fake.reshape(4, 2), game.generator(latents))


def test_one_sample_is_judged_in_the_company_of_its_copies(small_game: Game):
    game = small_game(PacGAN, pack=3)
    samples = torch.randn(5, 2)
    expected = game.discriminator(torch.cat([samples, samples, samples], 1))
    torch.testing.assert_close(game.judge(samples), expected.detach())


def test_packs_of_one_are_the_ordinary_game(small_game: Game):
    ordinary, packed = small_game(), small_game(PacGAN, pack=1)
    batch = Batch(torch.randn(4, 2), None)
    for loss in ("discriminator_loss", "generator_loss"):
        losses = []
        for game in (ordinary, packed):
            torch.manual_seed(1)
            losses.append(getattr(game, loss)(batch).item())
        assert losses[0] == losses[1]


def test_a_penalty_takes_one_gradient_a_pack():
    """f(x, y) = 3 x_1 + 4 y_2 of a pack (x, y) has slope 5, and R1 is 25 a pack."""
    packs = torch.randn(3, 4)
    critique = Critique(lambda pack: pack @ torch.tensor([3.0, 0.0, 0.0, 4.0]), packs, packs + 1)
    assert R1(weight=2.0, every=1)(critique).item() == pytest.approx(50, rel=1e-6)
    assert GP(critique).item() == pytest.approx(16, rel=1e-6)


@pytest.mark.parametrize("loss", [NonSaturating(), Wasserstein(), Hinge(), RelativisticAverage()])
def test_any_loss_and_penalty_takes_packs(loss: Loss, small_game: Game):
    game = small_game(PacGAN, loss, {"gradient": GP}, pack=2)
    batch = Batch(torch.randn(4, 2), None)
    for player, objective in (("discriminator", game.discriminator_loss), ("generator", game.generator_loss)):
        objective(batch).backward()
        assert all(parameter.grad is not None for parameter in game.parameters_of[player])


@pytest.mark.parametrize("family", [dcgan, resnet])
def test_image_families_are_made_for_packs(family: Any):
    shape, knobs = (3, 8, 8), {"width": 4, "norm": "none"}
    game = PacGAN(
        pack=2,
        shape=shape,
        num_classes=0,
        generator=partial(family.Generator, latent_dim=2, **knobs),
        discriminator=partial(family.Discriminator, **knobs),
        loss=NonSaturating(),
        penalties={},
        optimizers={},
        schedule=Constant(),
        n_critic=1,
        ema=0.0,
        max_grad_norm=None,
        speed=Speed(one_pass=True, channels_last=False, im2col=False, share_fakes=False, compile=False),
        seed=0,
    )
    assert game.discriminator(game.packs(torch.randn(10, *shape))).shape == (5,)
    assert game.judge(torch.randn(5, *shape)).shape == (5,)


def test_the_logits_of_packs_bound_no_divergence_of_samples(small_game: Game):
    samples = torch.randn(4, 2)
    assert small_game(PacGAN, pack=2).divergence_bound(samples, samples) is None
    bound: Tensor | None = small_game().divergence_bound(samples, samples)
    assert bound is not None and bound.item() < 1e-6


def test_a_batch_that_packs_cannot_part_is_refused(small_game: Game):
    game = small_game(PacGAN, pack=3)
    with pytest.raises(UsageError, match="packs of model.pack=3 can't part data.batch_size=4: set it to 3"):
        game.discriminator_loss(Batch(torch.randn(4, 2), None))


def test_accuracy_is_a_share_of_packs(small_game: Game):
    game = small_game(PacGAN, pack=2)
    game.diagnose(Critique(lambda logits: logits, torch.tensor([1.0, -1.0]), torch.tensor([-1.0, -2.0])))
    assert {name: value.item() for name, value in game.scalars.items()} == {"accuracy/real": 0.5, "accuracy/fake": 1.0}
