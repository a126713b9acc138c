"""A loader over samples that are already in memory: a batch is one gather, the order is a function of (seed, epoch)."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from gan_lightning import noise
from gan_lightning.data.sources import check_enough


class Batch(NamedTuple):
    """What one iteration trains on: the minibatches of all its discriminator steps, one behind the other."""

    real: Tensor
    """Samples in the networks' units, (N, *shape)."""
    labels: Tensor | None
    """Class of each sample, (N,) int64, or None where the data has none."""
    source: Tensor | None = None
    """Of two domains the one that is translated from, (N, *shape); None where there is one domain."""

    def laid_out(self, layout: torch.memory_format) -> "Batch":
        """The batch with images as they should lie in memory."""
        if self.real.dim() != 4:
            return self
        source = None if self.source is None else self.source.contiguous(memory_format=layout)
        return Batch(self.real.contiguous(memory_format=layout), self.labels, source)

    def is_on(self, device: torch.device) -> bool:
        """Whether all of it is on a device."""
        return all(field is None or field.device == device for field in self)

    def split(self, parts: int) -> list["Batch"]:
        """The batch as `parts` equal minibatches, in order."""
        fields = [[None] * parts if field is None else field.chunk(parts) for field in self]
        return [Batch(*minibatch) for minibatch in zip(*fields, strict=True)]


Prepare = Callable[[Tensor, torch.Generator], Tensor]
"""Stored samples (N, ...) to the networks' units (N, *shape); the generator is the batch's own."""


class MemoryLoader:
    """Batches of in-memory samples, shuffled anew every epoch, sharded by rank, resumable at any batch.

    On `world_size` ranks the k-th batches of all ranks together are the k-th batch of one process with the batch size
    `world_size * batch_size`. The last, incomplete batch of an epoch is dropped.

    Args:
        samples: stored samples, (N, ...), any dtype, on the device that batches are wanted on.
        labels: (N,) int64 or None.
        batch_size: samples a batch and rank.
        seed: of the order.
        prepare: brings a gathered batch into the networks' units.
        rank: this process.
        world_size: number of processes.
        ahead: is told the indices of each batch one batch before, where samples have to be fetched.

    Raises:
        UsageError: the samples don't fill one batch on every rank.
    """

    def __init__(
        self,
        samples: Tensor,
        labels: Tensor | None,
        batch_size: int,
        seed: int,
        prepare: Prepare,
        rank: int = 0,
        world_size: int = 1,
        ahead: Callable[[Tensor], None] | None = None,
    ) -> None:
        check_enough(len(samples), batch_size * world_size)
        self.samples, self.labels = samples, labels
        self.batch_size, self.seed, self.prepare = batch_size, seed, prepare
        self.rank, self.world_size, self.ahead = rank, world_size, ahead
        self.epoch = 0
        self.position = 0  # batches of this epoch that were handed out

    def __len__(self) -> int:
        return len(self.samples) // (self.batch_size * self.world_size)

    def __iter__(self) -> Iterator[Batch]:
        if self.position >= len(self):  # Lightning stops at the length: it never exhausts an iterator
            self.epoch, self.position = self.epoch + 1, 0
        order = self._order()
        self._announce(order, self.position)
        while self.position < len(self):
            self._announce(order, self.position + 1)
            index = self._part(order, self.position)
            self.position += 1  # a batch in use counts: a checkpoint taken now resumes with the next one
            yield self._gather(index)

    def state_dict(self) -> dict[str, int]:
        """Where the loader stands: plain integers."""
        return {"epoch": self.epoch, "position": self.position}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Continue with the batch after the one that was in use when `state` was taken."""
        self.epoch, self.position = state["epoch"], state["position"]

    def _order(self) -> Tensor:
        permutation = torch.randperm(len(self.samples), generator=noise.generator(self.seed, self.epoch))
        return permutation[self.rank :: self.world_size].to(self.samples.device)

    def _part(self, order: Tensor, position: int) -> Tensor:
        return order[position * self.batch_size : (position + 1) * self.batch_size]

    def _announce(self, order: Tensor, position: int) -> None:
        if self.ahead is not None and position < len(self):
            self.ahead(self._part(order, position))

    def _gather(self, index: Tensor) -> Batch:
        randomness = noise.generator(self.seed, self.epoch, self.position, self.rank)
        samples = self.prepare(self.samples.index_select(0, index), randomness)
        return Batch(samples, self.labels.index_select(0, index) if self.labels is not None else None)
