"""Variational autoencoder (Kingma & Welling 2014, arXiv:1312.6114): the likelihood's answer to the same data."""

from functools import partial
from typing import Any, cast, final

import torch
from lightning.pytorch.core.optimizer import LightningOptimizer
from torch import Tensor

from gan_lightning import guards, noise
from gan_lightning.data.loader import Batch
from gan_lightning.likelihoods import Likelihood
from gan_lightning.models.base import AdversarialModule, Shown
from gan_lightning.networks.encoder import Encoder
from gan_lightning.networks.family import Family

_DRAWS = 16  # of the latents of each sample that is judged


@final
class VAE(AdversarialModule):
    """An encoder in the discriminator's place, as the generator's partner: both raise the evidence lower bound.

    The bound, E log p(x | z) - KL(q(z | x) || N(0, 1)) with z from the encoder's normal q, is logged in nats a sample,
    of the samples as the networks see them. A sample is the decoder's mean, without the likelihood's noise.

    Args:
        beta: the divergence's weight; 1 maximises the bound, more than 1 is beta-VAE (Higgins et al. 2017).
        likelihood: p(x | z) about the generator's output; what it learns is learnt at the generator's rate.
        generator: of a family, the decoder.
        discriminator: of a family; the encoder is linear in its features.
        **game: as for `AdversarialModule`, with `loss` and `penalties` None and `n_critic` 1.

    Raises:
        UsageError: a loss, a penalty, or more than one step an iteration.
    """

    own_objectives = True
    compiles = False

    def __init__(
        self, beta: float, likelihood: Likelihood, generator: Family, discriminator: Family, **game: Any
    ) -> None:
        encoder = partial(Encoder, discriminator, 2 * generator.keywords["latent_dim"])
        super().__init__(generator=generator, discriminator=encoder, **game)
        guards.check_partners(self.penalties, self.n_critic)
        self.beta = beta
        self.likelihood = likelihood
        self.parameters_of["generator"] += [weight for weight in likelihood.parameters() if weight.requires_grad]

    @property
    def objective(self) -> str:
        """The bound, and under which likelihood."""
        return f"ELBO, {type(self.likelihood).__name__}"

    def play(self, batch: Batch) -> None:
        """One step of both players, down one gradient."""
        encoder, decoder = cast(list[LightningOptimizer], self.optimizers())
        self.watching = self.is_logging_step()
        self.backpropagate_jointly(self.generator_loss(batch))
        encoder.optimizer.step()  # unwrapped: only the decoder's step counts as one
        decoder.step()

    def discriminator_loss(self, batch: Batch, shown: Shown | None = None) -> Tensor:
        """The encoder's objective: the decoder's."""
        return self.generator_loss(batch)

    def generator_loss(self, batch: Batch, shown: Shown | None = None) -> Tensor:
        """beta KL - E log p(x | z), a scalar: minus the bound where beta is 1."""
        reconstruction, divergence = self.evidence(batch.real, self.latents(len(batch.real)))
        self.account("generator", {"reconstruction": reconstruction.mean(), "kl": divergence.mean()})
        if self.watching:
            self.watch("elbo", (reconstruction - divergence).mean())
            self.watch("sigma", self.likelihood.sigma)
        return (self.beta * divergence - reconstruction).mean()

    def evidence(self, samples: Tensor, standard: Tensor) -> tuple[Tensor, Tensor]:
        """log p(x | z) and KL(q(z | x) || N(0, 1)) of samples (N, *shape), in nats a sample, (N,) each.

        z is the encoder's mean and deviation applied to `standard` normal numbers (N, latent_dim).
        """
        mean, log_variance = self.discriminator(samples).to(samples.dtype).chunk(2, 1)
        latents = mean + (log_variance / 2).exp() * standard
        divergence = (mean.square() + log_variance.exp() - 1 - log_variance).sum(1) / 2
        return self.likelihood(self.fake(latents), samples), divergence

    def verdict(self, samples: Tensor) -> Tensor:
        """The bound at each of the samples (N, *shape), (N,), a mean over latents that are drawn alike for all."""
        training = self.generator.training
        self.generator.eval()
        bounds = torch.zeros(len(samples), device=samples.device, dtype=samples.dtype)
        for standard in self.latents(_DRAWS, noise.generator(self.seed)):
            reconstruction, divergence = self.evidence(samples, standard.expand(len(samples), -1))
            bounds += (reconstruction - divergence) / _DRAWS
        self.generator.train(training)
        return bounds
