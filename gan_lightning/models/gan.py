"""The generative adversarial network (Goodfellow et al. 2014), and by configuration alone most of its descendants."""

from typing import Any, final

from gan_lightning import guards
from gan_lightning.critique import Critique
from gan_lightning.models.base import AdversarialModule


@final
class GAN(AdversarialModule):
    """The game with any loss and any penalties; DCGAN, LSGAN, SNGAN, DRAGAN, RaGAN and R1 are presets of it.

    Args:
        **game: as for `AdversarialModule`.
    """

    def __init__(self, **game: Any) -> None:
        super().__init__(**game)
        guards.warn_of_free_critic(self.loss, self.penalties, self.discriminator)

    def diagnose(self, critique: Critique) -> None:
        """How often the discriminator is right, a share of the real and of the fake minibatch, by the logit's sign."""
        self.watch_all(critique.accuracies())
