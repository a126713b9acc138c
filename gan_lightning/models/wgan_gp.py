"""Wasserstein GAN with gradient penalty (Gulrajani et al. 2017)."""

from typing import Any, final

import torch
from torch.linalg import vector_norm

from gan_lightning import guards
from gan_lightning.critique import Critique
from gan_lightning.models.base import AdversarialModule


@final
class WGANGP(AdversarialModule):
    """A critic kept near slope 1 between the real and the fake samples by a penalty (algorithm 1).

    The penalty is `penalty=[gradient]`; its weight and sides are that node's.

    Args:
        **game: as for `AdversarialModule`.
    """

    def __init__(self, **game: Any) -> None:
        super().__init__(**game)
        guards.warn_of_log_loss(self.loss)
        guards.warn_of_free_critic(self.loss, self.penalties, self.discriminator)

    def diagnose(self, critique: Critique) -> None:
        """The critic's distance estimate, and its mean slope half-way between real and fake samples: near 1 if held."""
        self.watch("wasserstein", critique.real_logits.mean() - critique.fake_logits.mean())
        midpoints = torch.lerp(critique.real, critique.fake, 0.5)
        self.discriminator.eval()  # a pass that isn't training's: spectral vectors stay as they are
        self.watch("slope", vector_norm(critique.gradient(midpoints).detach(), dim=1).mean())
        self.discriminator.train()
