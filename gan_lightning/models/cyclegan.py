"""Cycle-consistent adversarial networks (Zhu et al. 2017): from one domain to another and back, without pairs."""

from functools import partial
from typing import Any, cast, final

import torch
from torch import Tensor, nn
from torch.nn.functional import l1_loss

from gan_lightning import guards
from gan_lightning.critique import Critique
from gan_lightning.data.base import MemoryData
from gan_lightning.data.loader import Batch
from gan_lightning.data.pairs import Pairs
from gan_lightning.models.base import AdversarialModule, Weights
from gan_lightning.models.pool import ImagePool
from gan_lightning.models.source_prior import SourcePrior
from gan_lightning.networks.both_ways import Critics, Translators
from gan_lightning.priors import Showcase

_COLUMNS = 8  # of a sheet whose rows are sources, translations, and what comes back


@final
class CycleGAN(AdversarialModule):
    """Two games at once, one a domain, tied by what a translation there and back must give (eq. 3).

    The generator holds both translators, and its latents are source samples; the discriminator holds both critics.
    Either term is in the networks' units: a mean absolute difference of the two domains' samples, summed over both.

    Args:
        cycle: weight of the cycle term E |F(G(x)) - x| + E |G(F(y)) - y|, 10 in the paper (eq. 2).
        identity: weight of the identity term E |G(y) - y| + E |F(x) - x|, 5 in the paper where colours are to be kept
            (sec. 5.2); 0 leaves it out.
        pool: fakes of each domain that its critic may be shown again, 50 in the paper; 0 shows the newest alone. Under
            several processes a checkpoint has the first one's.
        generator: a translator.
        discriminator: a critic of samples, or of their patches.
        **game: as for `AdversarialModule`.
    """

    def __init__(
        self, cycle: float, identity: float, pool: int, generator: Any, discriminator: Any, **game: Any
    ) -> None:
        players = {"generator": partial(Translators, generator), "discriminator": partial(Critics, discriminator)}
        super().__init__(**players, **game)
        guards.warn_of_free_critic(self.loss, self.penalties, self.discriminator)
        self.cycle, self.identity = cycle, identity
        self.target_pool, self.source_pool = (ImagePool(self.shape, pool) for _ in range(2))

    def meet(self, data: MemoryData) -> None:
        """Latents are held-out samples of the source. Raises UsageError where there is no source domain."""
        self.prior = SourcePrior(guards.check_pairs(data), self.players.latent_dim)

    @property
    def players(self) -> Translators:
        """The translators in training."""
        return cast(Translators, self.generator)

    @property
    def critics(self) -> Critics:
        """One a domain."""
        return cast(Critics, self.discriminator)

    def discriminator_loss(self, batch: Batch) -> Tensor:
        """Both critics' objectives on fakes from their pools, penalties included, a scalar."""
        critiques = self._critiques(batch)
        penalties = {  # first: see critique.py
            name: sum_of(penalty(critique) for critique in critiques.values())
            for name, penalty in self.penalties.items()
        }
        loss = torch.stack([self.loss.discriminator(critique) for critique in critiques.values()]).sum()
