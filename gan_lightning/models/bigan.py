"""BiGAN (Donahue et al. 2017), or adversarially learned inference (Dumoulin et al. 2017): an encoder learns with G."""

from collections.abc import Mapping
from functools import partial
from math import prod
from typing import Any, cast, final

import torch
from torch import Tensor

from gan_lightning import guards
from gan_lightning.critique import Critic, Critique
from gan_lightning.data.loader import Batch
from gan_lightning.models.base import AdversarialModule
from gan_lightning.networks.conditional import ConcatDiscriminator
from gan_lightning.networks.family import Family
from gan_lightning.networks.heads import HeadedDiscriminator


@final
class BiGAN(AdversarialModule):
    """The game on pairs: the discriminator tells (x, E(x)) from (G(z), z), and at the optimum E inverts G.

    A pair is one vector, the sample flattened and its latent behind it, (N, D + Z), for losses and penalties alike.
    Encoder and generator both minimise `loss.joint`, so both sides of the critique carry their gradients.

    Args:
        encoder: settings in which the encoder's network differs from the discriminator's, whose family it is of.
        shape: of a sample.
        generator, discriminator: of a family.
        **game: as for `AdversarialModule`.

    Raises:
        UsageError: latents are single numbers.
    """

    def __init__(
        self,
        encoder: Mapping[str, Any],
        shape: tuple[int, ...],
        generator: Family,
        discriminator: Family,
        **game: Any,
    ) -> None:
        latent_dim: int = generator.keywords["latent_dim"]
        guards.check_encoded(latent_dim)
        pairs = partial(ConcatDiscriminator, discriminator, latent_dim)
        super().__init__(shape=shape, generator=generator, discriminator=pairs, **game)
        guards.warn_of_free_critic(self.loss, self.penalties, self.discriminator)
        self.encoder = HeadedDiscriminator(partial(discriminator, **encoder), latent_dim - 1, 0, shape)
        self.parameters_of["generator"] += list(self.encoder.parameters())

    def sides(self, batch: Batch, latents: Tensor) -> tuple[Tensor, Tensor]:
        """Pairs (N, D + Z): real samples with their codes, and latents behind their samples."""
        return _pairs(batch.real, self.encoder(batch.real)), _pairs(self.fake(latents), latents)

    def critic(self, batch: Batch) -> Critic:
        """The discriminator of pairs (N, D + Z)."""
        return self._judge_pairs

    def generator_objective(self, critique: Critique) -> Tensor:
        """The loss of generator and encoder, each of which makes a side, a scalar."""
        return self.loss.joint(critique)

    @torch.no_grad()
    def encode(self, samples: Tensor) -> Tensor:
        """Samples (N, *shape) to latents (N, Z), in eval mode."""
        training = self.encoder.training
        self.encoder.eval()
        codes = self.encoder(samples)
        self.encoder.train(training)
        return cast(Tensor, codes)

    def verdict(self, samples: Tensor) -> Tensor:
        """The discriminator's logits (N,) of samples (N, *shape) with their codes."""
        return self._judge_pairs(_pairs(samples, self.encode(samples)))

    def divergence_bound(self, real: Tensor, fake: Tensor) -> None:
        """None: the discriminator bounds the divergence of pairs, which is larger than that of samples."""

    def diagnose(self, critique: Critique) -> None:
        """`reconstruction`, the mean of |x - G(E(x))| over samples and entries, in the networks' units."""
        samples, codes = self._parts(critique.real.detach())
        self.watch("reconstruction", (samples - self.sample(codes, "raw")).abs().mean())

    def _judge_pairs(self, pairs: Tensor) -> Tensor:
        samples, latents = self._parts(pairs)
        return cast(Tensor, self.discriminator(samples, latents / latents.shape[1] ** 0.5))  # |z| is about 1

    def _parts(self, pairs: Tensor) -> tuple[Tensor, Tensor]:
        size = prod(self.shape)
        return pairs[:, :size].unflatten(1, self.shape), pairs[:, size:]


def _pairs(samples: Tensor, latents: Tensor) -> Tensor:
    return torch.cat([samples.flatten(1), latents.to(samples.dtype)], 1)
