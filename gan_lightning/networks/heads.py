"""Heads on any family's discriminator: what else its last features tell."""

from typing import TYPE_CHECKING, cast, final

import torch
from torch import Tensor, nn

from gan_lightning.networks.discriminator import Discriminator
from gan_lightning.networks.layers import constrain

if TYPE_CHECKING:
    from gan_lightning.networks.conditional import Family


@final
class HeadedDiscriminator(nn.Module):
    """Samples (N, *shape) to (N, 1 + M): the logit, then M outputs that are linear in the same features.

    Args:
        make: the family's discriminator.
        outputs: M.
        shape: of a sample.
    """

    def __init__(self, make: "Family", outputs: int, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.network = make(shape=shape)
        self.head = constrain(nn.Linear(cast(Discriminator, self.network).feature_dim, outputs), make.keywords["norm"])

    def forward(self, samples: Tensor) -> Tensor:
        """(N, *shape) to (N, 1 + M)."""
        network = cast(Discriminator, self.network)
        features = network.features(samples)
        return torch.cat([network.score(features)[:, None], self.head(features)], 1)
