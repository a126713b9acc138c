"""Boundary equilibrium GAN (Berthelot et al. 2017, arXiv:1703.10717)."""

from functools import partial
from typing import Any, final

import torch
from torch import Tensor

from gan_lightning.critique import Critique
from gan_lightning.distributed import average
from gan_lightning.models.base import AdversarialModule
from gan_lightning.networks.autoencoder import AutoEncoder
from gan_lightning.networks.family import Family


@final
class BEGAN(AdversarialModule):
    """An autoencoder as critic, and its errors of real and fake samples held in proportion (sec. 3.4).

    The critic's loss is L(x) - k L(G(z)), the generator's L(G(z)), with L the error of a reconstruction; behind each
    step of the critic, k moves by lambda_k (gamma L(x) - L(G(z))), with that step's own samples, and stays in [0, 1].
    The logit is -L.

    Args:
        gamma: the proportion E L(G(z)) / E L(x) that is aimed at, in [0, 1]: samples vary more with a larger one.
        lambda_k: the rate of k.
        code_dim: entries of the critic's code.
        eta: L is the mean of |x - D(x)|^eta over the entries.
        generator: of a family; the critic's decoder is another one, fed with codes.
        discriminator: of a family; the critic's code is linear in its features.
        **game: as for `AdversarialModule`, with `loss` None.
    """

    own_objectives = True
    k: Tensor

    def __init__(
        self,
        gamma: float,
        lambda_k: float,
        code_dim: int,
        eta: float,
        generator: Family,
        discriminator: Family,
        **game: Any,
    ) -> None:
        critic = partial(AutoEncoder, discriminator, generator, code_dim, eta)
        super().__init__(generator=generator, discriminator=critic, **game)
        self.gamma, self.lambda_k = gamma, lambda_k
        self.register_buffer("k", torch.zeros(()))
        self._drift = torch.zeros(())

    def discriminator_objective(self, critique: Critique) -> Tensor:
        """L(x) - k L(G(z)), a scalar."""
        real, fake = -critique.real_logits.mean(), -critique.fake_logits.mean()
        self._drift = (self.gamma * real - fake).detach()
        return real - self.k * fake

    def generator_objective(self, critique: Critique) -> Tensor:
        """L(G(z)), a scalar."""
        return -critique.fake_logits.mean()

    def after_discriminator_step(self) -> None:
        """Move k, alike on all processes."""
        self.k.add_(self.lambda_k * average(self._drift)).clamp_(0, 1)

    def diagnose(self, critique: Critique) -> None:
        """k, and the measure of convergence L(x) + |gamma L(x) - L(G(z))| (sec. 3.4.1)."""
        self.watch("k", self.k)
        self.watch("convergence", self._drift.abs() - critique.real_logits.mean())
