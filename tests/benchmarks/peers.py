"""The same games written by hand in plain PyTorch, as lean as they can be.

A peer plays with networks that it is given, so that nothing differs but the loop.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, cast

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
        self.device, self.latent_dim = next(generator.parameters()).device, cast(int, generator.latent_dim)
        self.batch, self.n_critic = settings["batch_size"], settings["n_critic"]
        self.weight, self.ema = settings["weight"], settings["ema"]
        adam = {"lr": settings["lr"], "betas": settings["betas"], **self.adam}
        self.optimizers = [torch.optim.Adam(player.parameters(), **adam) for player in (generator, discriminator)]

    adam: dict[str, Any] = {}

    @abstractmethod
    def run(self, iterations: int) -> None:
        """So many generator updates."""

    def noise(self, batches: int = 1) -> Tensor:
        """Latents (batches N, latent_dim)."""
        return torch.randn(batches * self.batch, self.latent_dim, device=self.device)


class Lean(Peer, ABC):
    """Data in memory, one gather a batch, fused optimizers, and no work that isn't needed; an average is kept.

    Args:
        values: the training set, points (N, D) or uint8 images (N, C, H, W).
        together: have the discriminator judge both sides in one pass.
        ahead: have the generator make the fakes of all of the discriminator's steps in one pass.
        layout: of images and weights in memory.
    """

    adam = {"fused": True}

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        settings: dict[str, Any],
        values: Tensor,
        together: bool = False,
        ahead: bool = False,
        layout: torch.memory_format = torch.contiguous_format,
    ) -> None:
        self.together, self.ahead, self.layout = together, ahead, layout
        super().__init__(generator.to(memory_format=layout), discriminator.to(memory_format=layout), settings)
        self.values = values.to(self.device)
        self.live = [weight.detach() for weight in generator.parameters()]
        self.averaged = [weight.clone() for weight in self.live]

    def real(self) -> Tensor:
        """A batch, (N, *shape) in the networks' units."""
        batch = self.values[torch.randint(len(self.values), (self.batch,), device=self.device)]
        batch = batch.float().div_(127.5).sub_(1) if batch.dtype == torch.uint8 else batch
        return batch.contiguous(memory_format=self.layout) if batch.dim() == 4 else batch

    def judged(self, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of both sides, (N,) each."""
        if not self.together:
            return self.discriminator(real), self.discriminator(fake)
        on_real, on_fake = self.discriminator(torch.cat([real, fake])).chunk(2)
        return on_real, on_fake

    def run(self, iterations: int) -> None:
        """So many generator updates."""
        generator, discriminator = self.optimizers
        for _ in range(iterations):
            ahead = self.fake(self.n_critic).chunk(self.n_critic) if self.ahead else [None] * self.n_critic
            for fake in ahead:
                loss = self.discriminator_loss(self.real(), self.fake() if fake is None else fake)
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

    def fake(self, batches: int = 1) -> Tensor:
        """Generated samples without a graph."""
        with torch.no_grad():
            made: Tensor = self.generator(self.noise(batches))
        return made

    @abstractmethod
    def discriminator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        """A scalar."""

    @abstractmethod
    def generator_loss(self, logits: Tensor) -> Tensor:
        """A scalar."""


class LeanNonSaturating(Lean):
    """The non-saturating game."""

    def discriminator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        """A scalar."""
        on_real, on_fake = self.judged(real, fake)
        return softplus(-on_real).mean() + softplus(on_fake).mean()

    def generator_loss(self, logits: Tensor) -> Tensor:
        """A scalar."""
        return softplus(-logits).mean()


class LeanR1(LeanNonSaturating):
    """The same under R1, whose gradient goes through the loss's own pass, which is then the real side's alone."""

    def discriminator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        """A scalar."""
        on_real, on_fake = self.discriminator(real.requires_grad_()), self.discriminator(fake)
        (slope,) = torch.autograd.grad(on_real.sum(), real, create_graph=True)
        penalty = self.weight * slope.square().flatten(1).sum(1).mean()
        return softplus(-on_real).mean() + softplus(on_fake).mean() + penalty


class LeanWGANGP(Lean):
    """WGAN-GP."""

    def discriminator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        """A scalar."""
        share = torch.rand(len(real), *[1] * (real.dim() - 1), device=self.device)
        between = torch.lerp(real, fake, share).requires_grad_()
        (slope,) = torch.autograd.grad(self.discriminator(between).sum(), between, create_graph=True)
        penalty = self.weight * (slope.flatten(1).norm(dim=1) - 1).square().mean()
        on_real, on_fake = self.judged(real, fake)
        return on_fake.mean() - on_real.mean() + penalty

    def generator_loss(self, logits: Tensor) -> Tensor:
        """A scalar."""
        return -logits.mean()


LEAN: dict[str, Callable[..., Lean]] = {"gan": LeanNonSaturating, "r1gan": LeanR1, "wgan_gp": LeanWGANGP}
"""By `model=`."""
