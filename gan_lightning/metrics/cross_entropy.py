"""What an undecided discriminator pays: both players' cross-entropies on a large draw."""

from typing import final

from torch.nn.functional import softplus

from gan_lightning.metrics.base import Draw, PointMetric
from gan_lightning.noise import generator


@final
class CrossEntropy(PointMetric):
    """Each player's cross-entropy a sample, in nats: both are ln 2 = 0.693 where nothing can be told apart.

    The training log's `loss/discriminator` is the sum over the two classes, as in the papers; here it is their mean.
    """

    asks_players = True

    def measure(self, draw: Draw) -> dict[str, float]:
        """`cross_entropy_discriminator` and `cross_entropy_generator` (of the non-saturating game)."""
        module, data = draw.module, draw.data
        if module is None:
            return {}
        real, fake = (
            module.judge(data.prepare(points, generator(0))) for points in (self.reference(draw), draw.samples)
        )
        return {
            "cross_entropy_discriminator": float((softplus(-real).mean() + softplus(fake).mean()) / 2),
            "cross_entropy_generator": float(softplus(-fake).mean()),
        }
