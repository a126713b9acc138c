"""The end that discriminators with a dense last layer share."""

from abc import ABC

from torch import Tensor, nn


class DenseDiscriminator(nn.Module, ABC):
    """Samples (N, *shape) to logits (N,) by `layers`, whose last one is linear in features (N, feature_dim)."""

    layers: nn.Sequential
    feature_dim: int

    def forward(self, samples: Tensor) -> Tensor:
        """(N, *shape) to (N,)."""
        return self.layers(samples).squeeze(1)

    def features(self, samples: Tensor) -> Tensor:
        """(N, *shape) to what the last layer sees, (N, feature_dim)."""
        return self.layers[:-1](samples)

    def score(self, features: Tensor) -> Tensor:
        """Features (N, feature_dim) to logits (N,)."""
        return self.layers[-1](features).squeeze(1)
