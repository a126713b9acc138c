"""The conditional GAN: which classes each player sees."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from gan_lightning.data.loader import Batch
from gan_lightning.errors import UsageError
from gan_lightning.models.cgan import ConditionalGAN
from gan_lightning.networks.conditional import GENERATORS
from gan_lightning.penalties import R1, Gradient

Make = Callable[..., Any]
BATCH = Batch(torch.randn(4, 2), torch.tensor([2, 0, 1, 2]))


@pytest.mark.parametrize("conditioning", list(GENERATORS))
def test_the_generator_is_asked_for_the_batchs_classes_and_the_critic_is_told_them(
    labelled_game: Make, conditioning: str
) -> None:
    game = labelled_game(ConditionalGAN, conditioning=conditioning)
    latents = game.latents_beside(BATCH)
    assert latents.shape == (4, 7) and game.prior.labels(latents).tolist() == [2, 0, 1, 2]
    told = game.discriminator(BATCH.real, torch.eye(3)[BATCH.labels])
    assert torch.equal(game.critic(BATCH)(BATCH.real), told)
    others = game.discriminator(BATCH.real, torch.eye(3)[[0, 1, 2, 0]])
    assert not torch.allclose(told, others)


@pytest.mark.parametrize(
    "penalties", [{}, {"r1": R1(1.0, every=1), "gradient": Gradient(1.0, 1.0, one_sided=False, every=1)}]
)
@pytest.mark.parametrize("conditioning", list(GENERATORS))
def test_both_players_learn_every_weight(labelled_game: Make, conditioning: str, penalties: Any) -> None:
    game = labelled_game(ConditionalGAN, conditioning=conditioning, penalties=penalties)
    for player, loss in (("discriminator", game.discriminator_loss), ("generator", game.generator_loss)):
        loss(BATCH).backward()
        assert all(p.grad is not None and p.grad.isfinite().all() for p in game.parameters_of[player])


def test_of_a_sample_alone_the_discriminator_is_undecided_between_the_classes(labelled_game: Make) -> None:
    game = labelled_game(ConditionalGAN, conditioning="projection")
    told = torch.stack([game.discriminator(BATCH.real, torch.eye(3)[[k] * 4]) for k in range(3)])
    torch.testing.assert_close(game.judge(BATCH.real), told.mean(0))  # a projection is linear in the class


@pytest.mark.parametrize("num_classes", [0, 1])
def test_without_classes_there_is_no_game(labelled_game: Make, num_classes: int) -> None:
    with pytest.raises(UsageError, match="needs labelled data, and these have (no|1) classes: choose data=mnist"):
        labelled_game(ConditionalGAN, num_classes=num_classes, conditioning="concat")


def test_conditional_batch_norm_needs_batch_norm(labelled_game: Make) -> None:
    with pytest.raises(UsageError, match="set network.generator.norm=batch"):
        labelled_game(ConditionalGAN, norm="none", conditioning="cbn")
