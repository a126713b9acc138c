"""Cycle-consistent adversarial networks (Zhu et al. 2017): from one domain to another and back, without pairs."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, cast, final

import torch
from torch import Tensor
from torch.nn.functional import l1_loss

from gan_lightning import guards
from gan_lightning.critique import Critique
from gan_lightning.data.base import MemoryData
from gan_lightning.data.loader import Batch
from gan_lightning.data.pairs import two_domains
from gan_lightning.models.base import AdversarialModule, Shown
from gan_lightning.models.pool import ImagePool
from gan_lightning.models.source_prior import SourcePrior
from gan_lightning.networks.both_ways import Critics, Translators, send_back
from gan_lightning.priors import Showcase

_COLUMNS = 8  # of a sheet
_KINDS = 3  # of rows in it: sources, translations, and what comes back


@final
class CycleGAN(AdversarialModule):
    """Two games at once, one a domain, tied by what a translation there and back must give (eq. 3).

    The generator holds both translators, and its latents are source samples; the discriminator holds both critics.
    Either term is in the networks' units: a mean absolute difference of the two domains' samples, summed over both.

    Args:
        cycle: weight of the cycle term E |F(G(x)) - x| + E |G(F(y)) - y|, 10 in the paper (eq. 2).
        identity: weight of the identity term E |G(y) - y| + E |F(x) - x|, 5 in the paper where colours are to be kept
            (sec. 5.2); 0 leaves it out.
        pool: fakes of each domain that its critic may be shown again, 50 in the paper; 0 shows the newest alone. Each
            process has pools of its own.
        generator: a translator.
        discriminator: a critic of samples, or of their patches.
        **game: as for `AdversarialModule`.
    """

    rank_state = ("target_pool.", "source_pool.")
    compiles = False
    row_by_row = False

    def __init__(
        self, cycle: float, identity: float, pool: int, generator: Any, discriminator: Any, **game: Any
    ) -> None:
        super().__init__(
            generator=partial(Translators, generator), discriminator=partial(Critics, discriminator), **game
        )
        guards.warn_of_free_critic(self.loss, self.penalties, self.discriminator)
        self.cycle, self.identity = cycle, identity
        self.target_pool, self.source_pool = (ImagePool(self.shape, pool) for _ in range(2))

    def meet(self, data: MemoryData) -> None:
        """Take held-out samples of the source as latents. Raises UsageError where the data are one domain."""
        self.prior = SourcePrior(two_domains(data), self.translators.latent_dim)

    @property
    def translators(self) -> Translators:
        """Both, in training."""
        return cast(Translators, self.generator)

    @property
    def critics(self) -> Critics:
        """Both."""
        return cast(Critics, self.discriminator)

    def latents_beside(self, batch: Batch) -> Tensor:
        """The source's samples (N, *shape)."""
        return _domains(batch)[0]

    def sides(self, batch: Batch, latents: Tensor) -> tuple[Tensor, Tensor]:
        """Of both domains, the target's first and the source's behind them, (2 N, *shape)."""
        source, target = _domains(batch)
        return torch.cat([target, source]), torch.cat([self._there(source), self._back(target)])

    def discriminator_loss(self, batch: Batch, shown: Shown | None = None) -> Tensor:
        """Both critics' objectives on fakes from their pools, penalties included, a scalar."""
        shown = shown or self.show(batch, False)
        fakes = shown.fake.detach().chunk(2)
        judged = [pool.exchange(fake) for pool, fake in zip((self.target_pool, self.source_pool), fakes, strict=True)]
        critiques = self._critiques(shown.real.chunk(2), judged, self.together)
        witnesses = [self.loss.witness(critique) for critique in critiques]
        # penalties first: see critique.py
        penalties = {f"penalty/{name}": _total(map(term, witnesses)) for name, term in self.due_penalties()}
        loss = _total(map(self.loss.discriminator, critiques))
        self.account("discriminator", {"loss/discriminator": loss, **penalties})
        if self.watching:
            self._watch_scores(critiques, "real", "fake_before")
        return _total([*penalties.values(), loss])

    def generator_loss(self, batch: Batch, shown: Shown | None = None) -> Tensor:
        """Both translators' objectives with the weighted terms, a scalar."""
        shown = shown or self.show(batch, True)
        (target, source), (fake_target, fake_source) = shown.real.chunk(2), shown.fake.chunk(2)
        critiques = self._critiques((target, source), (fake_target, fake_source))
        loss = _total(map(self.loss.generator, critiques))
        cycle = l1_loss(self._back(fake_target), source) + l1_loss(self._there(fake_source), target)
        terms = {"cycle": (self.cycle, cycle)}
        if self.identity:
            identity = l1_loss(self._there(target), target) + l1_loss(self._back(source), source)
            terms["identity"] = (self.identity, identity)
        self.account("generator", {"loss/generator": loss} | {name: term for name, (_, term) in terms.items()})
        if self.watching:
            self._watch_scores(critiques, None, "fake_after")
        return _total([loss, *(weight * term for weight, term in terms.values())])

    def showcase(self, n: int, randomness: torch.Generator) -> Showcase:
        """Held-out sources: n points, or so many images that n are shown with what is made of them."""
        if len(self.shape) == 1:
            return self.prior.showcase(n, randomness)
        rows = max(1, n // (_KINDS * _COLUMNS))
        return Showcase(self.prior.draw(rows * _COLUMNS, randomness), _COLUMNS)

    def exhibit(self, latents: Tensor) -> Tensor:
        """Points as translated; of images a row of sources, one of translations, one of what comes back, and so on."""
        translated = self(latents)
        if len(self.shape) == 1:
            return translated
        returned = send_back(self.network(self.weights[0]), translated)
        rows = zip(*(kind.split(_COLUMNS) for kind in (latents.view_as(translated), translated, returned)), strict=True)
        return torch.cat([row for kinds in rows for row in kinds])

    def generator_node(self, node: dict[str, Any]) -> dict[str, Any]:
        """Both translators, each as the network's node says."""
        return {"_target_": f"{Translators.__module__}.{Translators.__name__}", "_partial_": True, "make": node}

    def _there(self, source: Tensor) -> Tensor:
        return self.fake(source)

    def _back(self, target: Tensor) -> Tensor:
        samples = self.translators.back(target)
        return samples.float() if self._lower_precision() else samples

    def _critiques(self, reals: Sequence[Tensor], fakes: Sequence[Tensor], together: bool = False) -> list[Critique]:
        """The target's, then the source's."""
        critics = (self.critics.of_target, self.critics.of_source)
        return [Critique(*parts, together) for parts in zip(critics, reals, fakes, strict=True)]

    def _watch_scores(self, critiques: Sequence[Critique], real: str | None, fake: str) -> None:
        """Mean scores of both domains, each in a panel of its own."""
        for panel, critique in zip(("score", "score_source"), critiques, strict=True):
            if real is not None:
                self.watch(f"{panel}/{real}", self.loss.real_score(critique).mean())
            self.watch(f"{panel}/{fake}", self.loss.fake_score(critique).mean())


def _domains(batch: Batch) -> tuple[Tensor, Tensor]:
    """The batch's source and target samples, (N, *shape) each."""
    assert batch.source is not None
    return batch.source, batch.real


def _total(terms: Iterable[Tensor]) -> Tensor:
    """The sum of scalars."""
    return torch.stack(list(terms)).sum()
