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
    """Samples (N, *shape) to (N, 1 + M): the logit, then M outputs of a head on the same features.

    Args:
        make: the family's discriminator.
        outputs: M.
        hidden: width of the head's hidden layer, with BatchNorm and LeakyReLU 0.1; 0 for a linear head.
        shape: of a sample.
    """

    def __init__(self, make: "Family", outputs: int, hidden: int, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.network = make(shape=shape)
        width, norm = cast(Discriminator, self.network).feature_dim, make.keywords["norm"]
        layers: list[nn.Module] = []
        if hidden:
            layers = [constrain(nn.Linear(width, hidden), norm), nn.BatchNorm1d(hidden), nn.LeakyReLU(0.1)]
        self.head = nn.Sequential(*layers, constrain(nn.Linear(hidden or width, outputs), norm))

    def forward(self, samples: Tensor) -> Tensor:
        """(N, *shape) to (N, 1 + M)."""
        network = cast(Discriminator, self.network)
        features = network.features(samples)
        return torch.cat([network.score(features)[:, None], self.head(features)], 1)
