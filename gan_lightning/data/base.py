"""The contract of a data source: it owns the shape of a sample, the number of classes, and the units."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Literal, NamedTuple, TypeAlias

import torch
from lightning import LightningDataModule
from torch import Tensor

from gan_lightning.data.loader import Batch, MemoryLoader
from gan_lightning.errors import UsageError

Split: TypeAlias = Literal["train", "test"]
"""Which part of a set of images: what training sees, or what was held out from it."""


class Samples(NamedTuple):
    """Stored samples with their labels."""

    values: Tensor
    """(N, ...) as stored: uint8 (N, C, H, W) for images, float (N, D) for points."""
    labels: Tensor | None
    """(N,) int64 in [0, num_classes), or None."""


class MemoryData(LightningDataModule, ABC):
    """A set that lives in memory, or in a memory-mapped file, as one tensor.

    Args:
        batch_size: samples of one discriminator step on one process.
        minibatches: discriminator steps an iteration (`model.n_critic`); a batch of the loader holds that many.
        seed: of the order of the samples, and of whatever is drawn.
    """

    def __init__(self, batch_size: int, minibatches: int, seed: int) -> None:
        super().__init__()
        self.batch_size = batch_size
        self.minibatches = minibatches
        self.seed = seed

    @property
    @abstractmethod
    def shape(self) -> tuple[int, ...]:
        """Shape of one sample as the networks see it: (channels, height, width) or (dimensions,)."""

    @property
    @abstractmethod
    def num_classes(self) -> int:
        """Number of classes; 0 where the data has no labels."""

    @abstractmethod
    def load(self) -> Samples:
        """Read, verify and return the training set. Raises UsageError where it is missing or damaged."""

    @abstractmethod
    def scale(self, stored: Tensor) -> Tensor:
        """Stored samples to the networks' units, (N, *shape) float."""

    @abstractmethod
    def restore(self, samples: Tensor) -> Tensor:
        """The networks' units back to stored units: uint8 pixels or points, the inverse of `scale`."""

    def prepare(self, stored: Tensor, randomness: torch.Generator) -> Tensor:
        """What training sees of stored samples: scaled, and varied by whatever augmentation draws from `randomness`."""
        return self.scale(stored)

    @property
    def title(self) -> str:
        """What the data are, in words that differ where the distribution does."""
        return type(self).__name__

    @property
    def identity(self) -> str:
        """What figures are measured against: the title, and of stored samples a hash."""
        return self.title

    def describe(self) -> dict[str, str | int]:
        """What a checkpoint says of the data that it was trained on."""
        shape = " x ".join(map(str, self.shape))
        samples = len(self.train_samples.values)
        return {"data": self.title, "shape": shape, "batch_size": self.batch_size, "samples": samples}

    @property
    def epoch_samples(self) -> int:
        """Samples that an epoch takes, all ranks together, before the incomplete batch is dropped."""
        return len(self.train_samples.values)

    def epoch_length(self, ranks: int) -> int:
        """Iterations of an epoch on so many processes."""
        return self.epoch_samples // (self.batch_size * self.minibatches * ranks)

    @cached_property
    def train_samples(self) -> Samples:
        """The training set, loaded once."""
        return self.load()

    def setup(self, stage: str) -> None:
        """Load the set now, so that a missing or damaged one is found before anything is built."""
        _ = self.train_samples

    def train_dataloader(self) -> Iterable[Batch]:
        """Batches for all the discriminator steps of one iteration, gathered on the training device."""
        assert self.trainer is not None
        device = self.trainer.strategy.root_device
        values, labels = self.train_samples
        values = self.resident(values, device)
        return MemoryLoader(
            values,
            labels.to(values.device) if labels is not None else None,
            batch_size=self.batch_size * self.minibatches,
            seed=self.seed,
            prepare=self.prepare,
            rank=self.trainer.global_rank,
            world_size=self.trainer.world_size,
            ahead=self.ahead(values),
        )

    def resident(self, values: Tensor, device: torch.device) -> Tensor:
        """The training set where batches are gathered from: on the training device, unless it is too large."""
        return values.to(device)

    def ahead(self, values: Tensor) -> Callable[[Tensor], None] | None:
        """What is told the indices of the next batch of `values`, (N,) int64, where they have to be fetched."""
        return None


class PointData(MemoryData, ABC):
    """Points (N, D) from a distribution that can be drawn from without end; they have no labels."""

    @property
    def num_classes(self) -> int:
        """0."""
        return 0

    @abstractmethod
    def held_out(self, n: int, draw: int) -> Tensor:
        """n points (n, D) that training never sees; another `draw`, from 1 on, gives others."""


class ImageData(MemoryData, ABC):
    """Images stored as uint8 (N, C, H, W), seen by the networks as floats in [-1, 1].

    Args:
        flip: mirror each image left to right with probability 1/2.
    """

    def __init__(self, batch_size: int, minibatches: int, seed: int, flip: bool) -> None:
        super().__init__(batch_size, minibatches, seed)
        self.flip = flip
        self._digests: dict[Split, str] = {}

    @property
    def has_test(self) -> bool:
        """Whether the source has held-out images; where it has none, measures set training images aside."""
        return True

    @abstractmethod
    def test_samples(self) -> Samples:
        """The held-out images, sized as the training set. Raises UsageError where they are missing or damaged."""

    @property
    def identity(self) -> str:
        """The title and the beginning of the training set's sha256."""
        return f"{self.title} {self.digest('train')[:12]}"

    @cached_property
    def _test(self) -> Samples:
        return self.test_samples()

    def split(self, split: Split) -> Samples:
        """A part of the set, read once. Raises UsageError where the source has no held-out images."""
        if split == "test" and not self.has_test:
            raise UsageError("these data have no held-out images: measure against the training set (reference=train)")
        return self.train_samples if split == "train" else self._test

    def digest(self, split: Split) -> str:
        """sha256 of the pixels and labels of a part, as stored: what cached statistics are found by."""
        if split not in self._digests:
            values, labels = self.split(split)
            digest = hashlib.sha256(repr(tuple(values.shape)).encode())
            for block in values.split(10_000):
                digest.update(block.contiguous().numpy())
            if labels is not None:
                digest.update(labels.contiguous().numpy().tobytes())
            self._digests[split] = digest.hexdigest()
        return self._digests[split]

    def prepare(self, stored: Tensor, randomness: torch.Generator) -> Tensor:
        """Scaled, and mirrored at random where `flip` asks for it."""
        if self.flip:
            mirrored = torch.rand(len(stored), generator=randomness) < 0.5
            stored = torch.where(mirrored.to(stored.device)[:, None, None, None], stored.flip(-1), stored)
        return self.scale(stored)

    def scale(self, stored: Tensor) -> Tensor:
        """uint8 (N, C, H, W) to float32 in [-1, 1]."""
        return stored.float().div_(127.5).sub_(1)

    def restore(self, samples: Tensor) -> Tensor:
        """Floats in [-1, 1] to uint8 by rounding, the same for files and for metrics."""
        return samples.float().mul(127.5).add(128).clamp(0, 255).to(torch.uint8)  # + 128 then truncation rounds
