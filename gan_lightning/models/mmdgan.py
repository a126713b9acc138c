"""MMD GAN (Li et al. 2017; Binkowski et al. 2018): the critic learns the features that a kernel compares."""

from functools import partial
from typing import Any, cast, final

import torch
from torch import Tensor

from gan_lightning import guards, noise
from gan_lightning.critique import Critic
from gan_lightning.data.loader import Batch
from gan_lightning.kernel_loss import SquaredMMD
from gan_lightning.models.base import AdversarialModule
from gan_lightning.networks.family import Family
from gan_lightning.networks.heads import HeadedDiscriminator

_LANDMARKS = 64


@final
class MMDGAN(AdversarialModule):
    """A critic with many outputs under loss=mmd, whose penalty holds the slope of the witness function.

    Args:
        features: outputs of the critic, at least 2, the family's own logit among them.
        discriminator: of a family.
        loss: the squared maximum mean discrepancy.
        **game: as for `AdversarialModule`.

    Raises:
        UsageError: another loss, which would read the first output alone.
    """

    def __init__(self, features: int, discriminator: Family, loss: SquaredMMD, **game: Any) -> None:
        guards.check_features(loss)
        super().__init__(discriminator=partial(HeadedDiscriminator, discriminator, features - 1, 0), loss=loss, **game)
        self.landmarks: Tensor
        self.register_buffer("landmarks", torch.zeros(_LANDMARKS, *self.shape))

    def critic(self, batch: Batch) -> Critic:
        """Samples (N, *shape) to a row of features each, (N, 1, D): all of them are what the loss compares."""
        return lambda samples: self.discriminator(samples)[:, None]

    def play(self, batch: Batch) -> None:
        """The game's turns; then some of the last real samples are kept, for `verdict` to compare with."""
        super().play(batch)
        real = batch.split(self.n_critic)[-1].real
        self.landmarks.copy_(real[torch.arange(_LANDMARKS, device=real.device) % len(real)])

    def verdict(self, samples: Tensor) -> Tensor:
        """The witness function (N,) of samples (N, *shape), from real samples of the last step and as many fakes."""
        fakes = self.sample(self.latents(_LANDMARKS, noise.generator(self.seed)), "raw").to(samples.dtype)
        said = (self.discriminator(points) for points in (samples, self.landmarks, fakes))
        return cast(SquaredMMD, self.loss).likeness(*said)
