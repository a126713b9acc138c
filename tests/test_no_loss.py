"""What stands in for a loss: scores as they are, and a plain word where a variant forgot its objectives."""

from typing import Any, final

import pytest
import torch

from gan_lightning.data.loader import Batch
from gan_lightning.models.base import AdversarialModule
from gan_lightning.no_loss import NoLoss


@final
class Forgetful(AdversarialModule):
    """Claims objectives of its own, and has none."""

    own_objectives = True

    def __init__(self, **game: Any) -> None:
        super().__init__(**game | {"loss": None})


def test_a_variant_that_says_nothing_of_its_objectives_is_told_so(small_game: Any) -> None:
    game, batch = small_game(Forgetful), Batch(torch.randn(4, 2), None)
    for player, loss in (("discriminator", game.discriminator_loss), ("generator", game.generator_loss)):
        with pytest.raises(NotImplementedError, match=f"own_objectives must say what its {player} minimises"):
            loss(batch)


def test_a_score_is_the_logit_and_proves_no_divergence() -> None:
    logits = torch.tensor([-1.0, 2.0])
    assert torch.equal(NoLoss().score(logits), logits) and NoLoss().jensen_shannon(logits, logits) is None
