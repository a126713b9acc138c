"""What the GAN says of its discriminator."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from gan_lightning.critique import Critique
from gan_lightning.losses import Wasserstein
from gan_lightning.models.base import AdversarialModule
from gan_lightning.models.gan import GAN


def test_accuracy_is_the_share_on_the_right_side_of_zero(small_game: Callable[..., AdversarialModule]):
    game = small_game(GAN)
    real, fake = torch.tensor([1.0, 2.0, -1.0, 0.5]), torch.tensor([-1.0, 0.5, 2.0, 3.0])
    game.diagnose(Critique(lambda logits: logits, real, fake))
    assert {name: value.item() for name, value in game.scalars.items()} == {
        "accuracy/real": 0.75,
        "accuracy/fake": 0.25,
    }


def test_a_logit_of_zero_is_right_about_nothing(small_game: Callable[..., AdversarialModule]):
    game = small_game(GAN)
    game.diagnose(Critique(lambda logits: logits, torch.zeros(3), torch.zeros(3)))
    assert game.scalars["accuracy/real"].item() == game.scalars["accuracy/fake"].item() == pytest.approx(0)


def test_a_wasserstein_loss_that_nothing_bounds_draws_a_warning(small_game: Any) -> None:
    with pytest.warns(UserWarning, match="nothing bounds this Wasserstein critic"):
        small_game(loss=Wasserstein())
