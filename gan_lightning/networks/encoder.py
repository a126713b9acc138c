"""An encoder from any family's discriminator: its features, and a linear layer in the place of the last one."""

from typing import cast, final

from torch import Tensor, nn

from gan_lightning.networks.discriminator import Discriminator
from gan_lightning.networks.family import Family
from gan_lightning.networks.layers import constrain


@final
class Encoder(nn.Module):
    """Samples (N, *shape) to (N, outputs), linear in the features of a family's discriminator, whose logit nobody asks.

    Args:
        make: the family's discriminator.
        outputs: numbers for each sample.
        shape: of a sample.
    """

    def __init__(self, make: Family, outputs: int, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.network = make(shape=shape)
        self.head = constrain(nn.Linear(cast(Discriminator, self.network).feature_dim, outputs), make.keywords["norm"])

    def forward(self, samples: Tensor) -> Tensor:
        """(N, *shape) to (N, outputs)."""
        return self.head(cast(Discriminator, self.network).features(samples))
