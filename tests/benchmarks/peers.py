"""The same games written by hand in plain PyTorch, as lean as they can be.

A peer plays with networks that it is given, so that nothing differs but the loop.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus


class Peer(ABC):
    """A loop that can be run for some iterations and goes on where it stood.

    Args:
        generator, discriminator: networks, trained in place; latents are (N, generator.latent_dim).
        settings: what the game's config says of `batch_size`, `n_critic`, `lr`, `betas`, `weight` (of the penalty) and
            `ema`.
    """

    def __init__(self, generator: nn.Module, discriminator: nn.Module, settings: dict[str, Any]) -> None:
        self.generator, self.discriminator = generator, discriminator
        self.device = next(generator.parameters()).device
        self.batch, self.n_critic = settings["batch_size"], settings["n_critic"]
        self.weight, self.ema = settings["weight"], settings["ema"]
        adam = {"lr": settings["lr"], "betas": settings["betas"], "fused": True}
        self.optimizers = [torch.optim.Adam(player.parameters(), **adam) for player in (generator, discriminator)]

    @abstractmethod
    def run(self, iterations: int) -> None:
        """So many generator updates."""

    def noise(self) -> Tensor:
        """Latents (N, latent_dim)."""
        return torch.randn(self.batch, self.generator.latent_dim, device=self.device)


class Lean(Peer, ABC):
    """Data in memory, one gather a batch, fused optimizers, and no work that isn't needed; an average is kept.

    Args:
        values: the training set, points (N, D) or uint8 images (N, C, H, W).
    """

    def __init__(
        self, generator: nn.Module, discriminator: nn.Module, settings: dict[str, Any], values: Tensor
    ) -> None:
        super().__init__(generator, discriminator, settings)
        self.values = values.to(self.device)
        self.live = [weight.detach() for weight in generator.parameters()]
        self.averaged = [weight.clone() for weight in self.live]

    def real(self) -> Tensor:
        """A batch, (N, *shape) in the networks' units."""
        batch = self.values[torch.randint(len(self.values), (self.batch,), device=self.device)]
        return batch.float().div_(127.5).sub_(1) if batch.dtype == torch.uint8 else batch

    def run(self, iterations: int) -> None:
        """So many generator updates."""
        generator, discriminator = self.optimizers
        for _ in range(iterations):
            for _ in range(self.n_critic):
                loss = self.discriminator_loss(self.real())
                discriminator.zero_grad()
                loss.backward()
                discriminator.step()
            self.discriminator.requires_grad_(False)
            loss = self.generator_loss(self.discriminator(self.generator(self.noise())))
            generator.zero_grad()
            loss.backward()
            generator.step()
            self.discriminator.requires_grad_(True)
            torch._foreach_lerp_(self.averaged, self.live, 1 - self.ema)

    def fake(self) -> Tensor:
        """Generated samples without a graph."""
        with torch.no_grad():
            made: Tensor = self.generator(self.noise())
        return made

    @abstractmethod
    def discriminator_loss(self, real: Tensor) -> Tensor:
        """A scalar."""

    @abstractmethod
    def generator_loss(self, logits: Tensor) -> Tensor:
        """A scalar."""


class LeanNonSaturating(Lean):
    """The non-saturating game."""

    def discriminator_loss(self, real: Tensor) -> Tensor:
        """A scalar."""
        return softplus(-self.discriminator(real)).mean() + softplus(self.discriminator(self.fake())).mean()

    def generator_loss(self, logits: Tensor) -> Tensor:
        """A scalar."""
        return softplus(-logits).mean()


class LeanR1(LeanNonSaturating):
    """The same under R1, whose gradient goes through the loss's own pass."""

    def discriminator_loss(self, real: Tensor) -> Tensor:
        """A scalar."""
        logits = self.discriminator(real.requires_grad_())
        (slope,) = torch.autograd.grad(logits.sum(), real, create_graph=True)
        penalty = self.weight * slope.square().flatten(1).sum(1).mean()
        return softplus(-logits).mean() + softplus(self.discriminator(self.fake())).mean() + penalty


class LeanWGANGP(Lean):
    """WGAN-GP."""

    def discriminator_loss(self, real: Tensor) -> Tensor:
        """A scalar."""
        fake = self.fake()
        share = torch.rand(len(real), *[1] * (real.dim() - 1), device=self.device)
        between = torch.lerp(real, fake, share).requires_grad_()
        (slope,) = torch.autograd.grad(self.discriminator(between).sum(), between, create_graph=True)
        penalty = self.weight * (slope.flatten(1).norm(dim=1) - 1).square().mean()
        return self.discriminator(fake).mean() - self.discriminator(real).mean() + penalty

    def generator_loss(self, logits: Tensor) -> Tensor:
        """A scalar."""
        return -logits.mean()


LEAN: dict[str, Callable[..., Lean]] = {"gan": LeanNonSaturating, "r1gan": LeanR1, "wgan_gp": LeanWGANGP}
"""By `model=`."""
