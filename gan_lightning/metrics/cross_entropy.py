"""What an undecided discriminator pays: both players' cross-entropies on a large draw."""

from typing import final

import torch
from torch.nn.functional import softplus

from gan_lightning.metrics.base import Draw, Metric
from gan_lightning.noise import generator


@final
class CrossEntropy(Metric):
    """Each player's cross-entropy a sample, in nats: both are ln 2 = 0.693 where nothing can be told apart.

    The training log's `loss/discriminator` is the sum over the two classes, as in the papers; here it is their mean.
    """

    def __call__(self, draw: Draw) -> dict[str, float]:
        """`cross_entropy_discriminator` and `cross_entropy_generator` (of the non-saturating game)."""
        module, data = draw.module, draw.data
        discriminator, training = module.discriminator, module.discriminator.training
        discriminator.eval()  # statistics and spectral vectors stay as training has them
        with torch.no_grad():
            real, fake = (
                discriminator(data.prepare(points, generator(0)).to(module.device, module.dtype))
                for points in (draw.reference, draw.samples)
            )
        discriminator.train(training)
        return {
            "cross_entropy_discriminator": float((softplus(-real).mean() + softplus(fake).mean()) / 2),
            "cross_entropy_generator": float(softplus(-fake).mean()),
        }
