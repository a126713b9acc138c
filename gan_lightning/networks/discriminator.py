"""What every family's discriminator offers beside its logits."""

from typing import Protocol

from torch import Tensor


class Discriminator(Protocol):
    """A network from samples (N, *shape) to logits (N,) whose last layer can be looked behind."""

    feature_dim: int

    def __call__(self, samples: Tensor) -> Tensor:
        """Samples (N, *shape) to logits (N,)."""

    def features(self, samples: Tensor) -> Tensor:
        """What the last layer sees of samples (N, *shape), (N, feature_dim)."""

    def score(self, features: Tensor) -> Tensor:
        """What the last layer makes of features (N, feature_dim): logits (N,)."""
