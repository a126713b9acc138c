"""Heads on any family's discriminator: what else its last features tell."""

from typing import cast, final

import torch
from torch import Tensor, nn

from gan_lightning.networks.discriminator import Discriminator
from gan_lightning.networks.family import Family
from gan_lightning.networks.layers import constrain


def head(features: int, outputs: int, hidden: int, norm: str) -> nn.Sequential:
    """From features (N, F) to outputs (N, M): linear, or with a hidden layer, BatchNorm and LeakyReLU 0.1.

    Args:
        features: F.
        outputs: M.
        hidden: width of the hidden layer; 0 for none.
        norm: of the discriminator, by name: spectral constrains these layers too.
    """
    layers: list[nn.Module] = []
    if hidden:
        layers = [constrain(nn.Linear(features, hidden), norm), nn.BatchNorm1d(hidden), nn.LeakyReLU(0.1)]
    return nn.Sequential(*layers, constrain(nn.Linear(hidden or features, outputs), norm))


@final
class HeadedDiscriminator(nn.Module):
    """Samples (N, *shape) to (N, 1 + M): the logit, then M outputs of a head on the same features.

    Args:
        make: the family's discriminator.
        outputs: M.
        hidden: width of the head's hidden layer; 0 for none.
        shape: of a sample.
    """

    def __init__(self, make: Family, outputs: int, hidden: int, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.network = make(shape=shape)
        self.head = head(cast(Discriminator, self.network).feature_dim, outputs, hidden, make.keywords["norm"])

    def forward(self, samples: Tensor) -> Tensor:
        """(N, *shape) to (N, 1 + M)."""
        network = cast(Discriminator, self.network)
        features = network.features(samples)
        return torch.cat([network.score(features)[:, None], self.head(features)], 1)
