"""Games that tell their moments."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from gan_lightning.data.loader import Batch
from gan_lightning.models.base import AdversarialModule, Shown


class Watched(AdversarialModule):
    """A game that calls `seen` with the moment's name and the minibatch."""

    seen: Callable[..., None]

    def discriminator_loss(self, batch: Batch, shown: Shown | None = None) -> Tensor:
        self.seen("discriminator begins", batch)
        return super().discriminator_loss(batch, shown)

    def after_discriminator_step(self) -> None:
        self.seen("discriminator ends", None)

    def generator_loss(self, batch: Batch, shown: Shown | None = None) -> Tensor:
        self.seen("generator begins", batch)
        return super().generator_loss(batch, shown)


@pytest.fixture
def watched(small_game: Callable[..., Any]) -> Callable[..., AdversarialModule]:
    """A factory of small games that call their first argument at every moment."""

    def make(seen: Callable[..., None], **settings: Any) -> AdversarialModule:
        game = small_game(Watched, **settings)
        game.seen = seen
        return game

    return make


@pytest.fixture
def flat() -> Callable[[nn.Module], Tensor]:
    """All parameters of a module in one vector, copied."""
    return lambda module: torch.cat([parameter.detach().flatten() for parameter in module.parameters()])
