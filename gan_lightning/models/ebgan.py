"""Energy-based GAN (Zhao et al. 2017, arXiv:1609.03126)."""

from collections.abc import Mapping
from functools import partial
from typing import Any, final

from torch import Tensor
from torch.nn.functional import normalize

from gan_lightning import guards
from gan_lightning.critique import Critique
from gan_lightning.data.loader import Batch
from gan_lightning.models.base import AdversarialModule
from gan_lightning.networks.autoencoder import AutoEncoder
from gan_lightning.networks.family import Family
from gan_lightning.precision import full_precision


@final
class EBGAN(AdversarialModule):
    """An autoencoder as critic, whose error is an energy: low at the data, and raised at fakes up to a margin.

    The logit is minus the energy; the margin is the loss's. The pull-away term keeps the fakes' codes apart (sec. 2.4).

    Args:
        code_dim: entries of the critic's code.
        eta: the energy is the mean of |x - Dec(Enc(x))|^eta over the entries.
        pull_away: the weight of that term in the generator's loss; 0 leaves it out.
        generator: of a family; the critic's decoder is another one, fed with codes.
        discriminator: of a family; the critic's code is linear in its features.
        **game: as for `AdversarialModule`.

    Raises:
        UsageError: a loss that an energy can't please.
    """

    def __init__(
        self, code_dim: int, eta: float, pull_away: float, generator: Family, discriminator: Family, **game: Any
    ) -> None:
        critic = partial(AutoEncoder, discriminator, generator, code_dim, eta)
        super().__init__(generator=generator, discriminator=critic, **game)
        guards.check_energy(self.loss, self.penalties, self.discriminator)
        self.pull_away = pull_away

    def generator_terms(self, critique: Critique, batch: Batch, latents: Tensor) -> Mapping[str, Tensor]:
        """The pull-away term of the fakes' codes, weight applied."""
        if not self.pull_away:
            return {}
        return {"pull_away": self.pull_away * pull_away(critique.fake_said[:, 1:])}


def pull_away(codes: Tensor) -> Tensor:
    """The mean squared cosine between codes (N, M) of different samples, a scalar in [0, 1]; 0 of a single one."""
    n = len(codes)
    directions = normalize(codes, dim=1)
    with full_precision(codes.device):
        cosines = directions @ directions.T
    return (cosines.square().sum() - cosines.diagonal().square().sum()) / max(n * (n - 1), 1)
