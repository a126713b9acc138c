"""CycleGAN's players: a translator each way, and a critic of each domain (Zhu et al. 2017, sec. 3)."""

from collections.abc import Callable
from typing import cast, final

import torch
from torch import Tensor, nn

from gan_lightning.networks.generator import Generator


@final
class Translators(nn.Module):
    """The two translators, as a generator whose latents are samples of the source, flattened: (N, latent_dim).

    Args:
        make: called with `shape=`, makes a translator of samples of that shape, which may come flattened.
        shape: of a sample, the same in both domains.
    """

    def __init__(self, make: Callable[..., nn.Module], shape: tuple[int, ...]) -> None:
        super().__init__()
        self.to_target, self.to_source = make(shape=shape), make(shape=shape)
        self.latent_dim = cast(int, self.to_target.latent_dim)

    def forward(self, latents: Tensor) -> Tensor:
        """Source samples (N, latent_dim), or (N, *shape), as the target has them, (N, *shape)."""
        return self.to_target(latents)

    def back(self, samples: Tensor) -> Tensor:
        """Target samples (N, *shape) as the source has them, (N, *shape)."""
        return self.to_source(samples)

    def first(self, latents: Tensor) -> Tensor:
        """What the first layer of the translator into the target makes of latents (N, latent_dim), (N, F)."""
        return cast(Generator, self.to_target).first(latents)

    def features(self, latents: Tensor) -> Tensor:
        """What its first stage makes of them, (N, F')."""
        return cast(Generator, self.to_target).features(latents)


@final
class Critics(nn.Module):
    """The two critics, as a discriminator of the target domain.

    Args:
        make: called with `shape=`, makes a critic.
        shape: of a sample.
    """

    def __init__(self, make: Callable[..., nn.Module], shape: tuple[int, ...]) -> None:
        super().__init__()
        self.of_target, self.of_source = make(shape=shape), make(shape=shape)

    def forward(self, samples: Tensor) -> Tensor:
        """Logits of samples (N, *shape): are they of the target?"""
        return self.of_target(samples)


@torch.no_grad()
def send_back(translators: nn.Module, samples: Tensor, batch_size: int = 100) -> Tensor:
    """Target samples (N, *shape) as the source has them, float32, in eval mode, at most `batch_size` at a time."""
    training = translators.training
    translators.eval()
    sources = torch.cat([cast(Translators, translators).back(some).float() for some in samples.split(batch_size)])
    translators.train(training)
    return sources
