"""The contract of a source with two domains: samples of one are translated into the other, and none has a partner."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from functools import cached_property

import torch
from torch import Tensor

from gan_lightning import noise
from gan_lightning.data.base import ImageData, MemoryData, Samples
from gan_lightning.data.loader import Batch, MemoryLoader
from gan_lightning.data.sources import NEEDS, PAIRS
from gan_lightning.data.unpaired_loader import UnpairedLoader
from gan_lightning.errors import UsageError

_SOURCE = 0x736F7572  # "sour": of the data's seed, so that the domains' orders have nothing in common


class Pairs(MemoryData, ABC):
    """Two domains of one shape, in the same units.

    As a set of samples it is the target, the domain that is translated into; the other one is the source.
    """

    @abstractmethod
    def load_source(self) -> Samples:
        """Read, verify and return the source domain's training set. Raises UsageError where it is missing."""

    @abstractmethod
    def held_out_source(self, n: int, randomness: torch.Generator | None) -> Tensor:
        """n stored source samples that training never sees, if any are held out; the first are the same for every n.

        `randomness` is a CPU generator; None is torch's global one.
        """

    def true_translation(self, source: Tensor) -> Tensor | None:
        """Stored source samples (n, ...) as the target has them, or None where nobody knows."""
        return None

    @cached_property
    def source_samples(self) -> Samples:
        """The source domain's training set, loaded once."""
        return self.load_source()

    @property
    def epoch_samples(self) -> int:
        """The shorter domain's."""
        return min(super().epoch_samples, len(self.source_samples.values))

    def setup(self, stage: str) -> None:
        """Load both domains now, so that a missing or damaged one is found before anything is built."""
        super().setup(stage)
        _ = self.source_samples

    def describe(self) -> dict[str, str | int]:
        """What a checkpoint says of the data, both domains' sizes included."""
        return super().describe() | {"source_samples": len(self.source_samples.values)}

    def train_dataloader(self) -> Iterable[Batch]:
        """Batches with as many samples of each domain."""
        target = super().train_dataloader()
        assert self.trainer is not None and isinstance(target, MemoryLoader)
        source = MemoryLoader(
            self.resident(self.source_samples.values, self.trainer.strategy.root_device),
            None,
            batch_size=self.batch_size * self.minibatches,
            seed=noise.mix(self.seed, _SOURCE),
            prepare=self.prepare,
            rank=self.trainer.global_rank,
            world_size=self.trainer.world_size,
        )
        return UnpairedLoader(target, source)


class UnpairedImages(Pairs, ImageData, ABC):
    """Two domains of images."""

    @abstractmethod
    def source_test(self) -> Samples:
        """The source domain's held-out images; its training images where there are none."""

    @cached_property
    def source_held_out(self) -> Samples:
        """The same, loaded once."""
        return self.source_test()

    def held_out_source(self, n: int, randomness: torch.Generator | None) -> Tensor:
        """n images uint8 (n, C, H, W), none twice before all have come."""
        images = self.source_held_out.values
        rounds = -(-n // len(images))
        order = torch.cat([torch.randperm(len(images), generator=randomness) for _ in range(rounds)])
        return images[order[:n]]


def two_domains(data: MemoryData) -> Pairs:
    """The data as two domains. Raises UsageError where there is one."""
    if isinstance(data, Pairs):
        return data
    raise UsageError(f"this model needs {NEEDS[PAIRS]}")
