"""The framework's batches as most loops have them: gathered sample by sample in worker processes, in the host's memory.

The same samples in the same order, brought into the networks' units one by one (an augmentation draws other numbers),
and moved to the device by Lightning.
"""

import warnings
from collections.abc import Iterator
from typing import Any, final

import torch
from opponents import ON_GPU, anywhere
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from gan_lightning import noise
from gan_lightning.data.loader import Batch, MemoryLoader

WORKERS = 2
"""Of a data loader; of the tutorial's too, unless it loads in its own process."""


@final
class FromWorkers(MemoryLoader):
    """Stands in for `gan_lightning.data.base.MemoryLoader`, and takes the same."""

    def __iter__(self) -> Iterator[Batch]:
        self.epoch, self.position = (self.epoch + 1, 0) if self.position >= len(self) else (self.epoch, self.position)
        order = self._order().cpu()
        batches = [self._part(order, number).tolist() for number in range(self.position, len(self))]
        options: dict[str, Any] = {"num_workers": WORKERS, "pin_memory": ON_GPU, "worker_init_fn": anywhere}
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "This DataLoader will create")  # more than a loop on one core ought to
            gathered = iter(DataLoader(_OneByOne(self), batch_sampler=batches, **options))
        for samples, labels in gathered:
            self.position += 1
            yield Batch(samples, labels if self.labels is not None else None)


@final
class _OneByOne(Dataset[tuple[Tensor, Tensor]]):
    """A loader's samples with their labels, 0 where there are none.

    Args:
        loader: of them.
    """

    def __init__(self, loader: MemoryLoader) -> None:
        self.samples, self.prepare = loader.samples.cpu(), loader.prepare
        self.labels = torch.zeros(len(self.samples), dtype=torch.long) if loader.labels is None else loader.labels.cpu()
        self.randomness = noise.generator(loader.seed)

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        return self.prepare(self.samples[index : index + 1], self.randomness)[0], self.labels[index]
