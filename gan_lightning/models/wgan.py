"""Wasserstein GAN with clipped weights (Arjovsky et al. 2017)."""

from typing import Any, final

import torch

from gan_lightning import guards
from gan_lightning.critique import Critique
from gan_lightning.models.base import AdversarialModule


@final
class WGAN(AdversarialModule):
    """A critic kept Lipschitz by clipping every weight to [-clip, clip] after each of its steps (algorithm 1).

    Args:
        clip: the bound c, positive.
        **game: as for `AdversarialModule`.

    Raises:
        UsageError: a penalty beside the clipping, or a loss that takes the critic's output for a probability.
    """

    def __init__(self, clip: float, **game: Any) -> None:
        super().__init__(**game)
        guards.check_clipping(self.loss, self.penalties)
        self.clip = clip

    @torch.no_grad()
    def after_discriminator_step(self) -> None:
        """Clip every weight and bias of the critic."""
        weights = self.parameters_of["discriminator"]
        torch._foreach_clamp_min_(weights, -self.clip)
        torch._foreach_clamp_max_(weights, self.clip)

    def diagnose(self, critique: Critique) -> None:
        """The critic's estimate of the Wasserstein distance, up to its Lipschitz constant."""
        self.watch("wasserstein", critique.real_logits.mean() - critique.fake_logits.mean())
