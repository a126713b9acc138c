"""What every family's generator offers beside its samples."""

from typing import Protocol

from torch import Tensor


class Generator(Protocol):
    """A network from latents (N, latent_dim) to samples (N, *shape) whose beginning can be looked at."""

    latent_dim: int

    def __call__(self, latents: Tensor) -> Tensor:
        """Latents (N, latent_dim) to samples (N, *shape)."""

    def first(self, latents: Tensor) -> Tensor:
        """What the first layer makes of latents (N, latent_dim): an affine map, before norm and activation, (N, F)."""

    def features(self, latents: Tensor) -> Tensor:
        """What the network's first stage makes of latents (N, latent_dim), norm and activation included, (N, F')."""
