"""PacGAN (Lin et al. 2018): the discriminator sees several samples at once."""

from functools import partial
from typing import Any, cast, final

from torch import Tensor, nn

from gan_lightning import guards
from gan_lightning.critique import Critique
from gan_lightning.data.loader import Batch
from gan_lightning.models.base import AdversarialModule
from gan_lightning.networks.family import Family


@final
class PacGAN(AdversarialModule):
    """The game on packs of m samples that are all real or all generated: a lack of variety shows within a pack.

    A pack is m images with their channels side by side, or m points with their coordinates side by side: one
    sample of the m-fold product distribution. Losses average over packs, and penalties take one gradient a pack.

    Args:
        pack: m, samples in a pack; 1 is the ordinary game.
        shape: of one sample.
        discriminator: of a family; it is made for packs.
        **game: as for `AdversarialModule`.
    """

    def __init__(self, pack: int, shape: tuple[int, ...], discriminator: Family, **game: Any) -> None:
        packed = partial(_for_packs, discriminator, pack)
        super().__init__(shape=shape, discriminator=packed, **game)
        guards.warn_of_free_critic(self.loss, self.penalties, self.discriminator)
        self.pack = pack

    def sides(self, batch: Batch, latents: Tensor) -> tuple[Tensor, Tensor]:
        """Packs of real and of fake samples, (N / m, m C, H, W) or (N / m, m D). Raises UsageError if m does not
        divide N."""
        guards.check_packs(len(batch.real), self.pack)
        return self.packs(batch.real), self.packs(self.fake(latents))

    def packs(self, samples: Tensor) -> Tensor:
        """(N, *shape) to (N / m, m shape[0], *shape[1:]), neighbours side by side."""
        return samples.unflatten(0, (-1, self.pack)).flatten(1, 2)

    def verdict(self, samples: Tensor) -> Tensor:
        """Logits (N,) of packs of m copies of each sample: where the discriminator sees no variety at all."""
        return cast(Tensor, self.discriminator(self.packs(samples.repeat_interleave(self.pack, 0))))

    def divergence_bound(self, real: Tensor, fake: Tensor) -> None:
        """None: the discriminator bounds the divergence of packs, which is larger than that of samples."""

    def diagnose(self, critique: Critique) -> None:
        """How often the discriminator is right, a share of the real and of the fake packs, by the logit's sign."""
        self.watch_all(critique.accuracies())


def _for_packs(make: Family, pack: int, shape: tuple[int, ...]) -> nn.Module:
    return make(shape=(pack * shape[0], *shape[1:]))
