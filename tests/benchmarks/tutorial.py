"""A game as tutorials have it; apart from the lean ones, which need no torchvision."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from opponents import anywhere
from peers import Peer
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy
from torch.utils.data import DataLoader, Dataset
from torchvision import datasets, transforms


class Tutorial(Peer):
    """The non-saturating game as tutorials have it: each image decoded and transformed by itself, two backward passes
    for the discriminator, fakes used twice, a full graph in the generator's step, and numbers read in each iteration.

    Args:
        root: the folder of torchvision's MNIST.
        size: images are resized to it, where it isn't 28.
        workers: of the data loader.
    """

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        settings: dict[str, Any],
        root: Path,
        size: int,
        workers: int,
    ) -> None:
        plain = torch.contiguous_format
        super().__init__(generator.to(memory_format=plain), discriminator.to(memory_format=plain), settings)
        self.loader = loader(root, size, workers, self.batch)
        self.batches = iter(self.loader)
        self.told: list[float] = []

    def real(self) -> Tensor:
        """A batch from the workers, (N, 1, size, size)."""
        found = next(self.batches, None)
        if found is None:
            self.batches = iter(self.loader)
            found = next(self.batches)
        batch: Tensor = found[0]
        return batch

    def run(self, iterations: int) -> None:
        """So many generator updates."""
        generator, discriminator = self.optimizers
        for _ in range(iterations):
            real = self.real().to(self.device)
            ones, zeros = (torch.full((len(real),), float(value), device=self.device) for value in (1, 0))
            discriminator.zero_grad()
            on_real = binary_cross_entropy(torch.sigmoid(self.discriminator(real)), ones)
            on_real.backward()
            fake = self.generator(self.noise())
            on_fake = binary_cross_entropy(torch.sigmoid(self.discriminator(fake.detach())), zeros)
            on_fake.backward()
            discriminator.step()
            generator.zero_grad()
            loss = binary_cross_entropy(torch.sigmoid(self.discriminator(fake)), ones)
            loss.backward()
            generator.step()
            self.told = [on_real.item() + on_fake.item(), loss.item()]


class Pictures(Dataset[tuple[Any, int]]):
    """A folder of pictures, each with a label of 0.

    Args:
        root: their folder.
        transform: of each.
    """

    def __init__(self, root: Path, transform: Callable[[Any], Any]) -> None:
        self.paths, self.transform = sorted(root.iterdir()), transform

    def __len__(self) -> int:
        """Pictures."""
        return len(self.paths)

    def __getitem__(self, index: int) -> tuple[Any, int]:
        return self.transform(datasets.folder.default_loader(str(self.paths[index]))), 0


def loader(root: Path, size: int, workers: int, batch: int) -> DataLoader[Any]:
    """Images decoded and transformed one by one, and labels.

    Args:
        root: the folder of torchvision's MNIST, or one of pictures.
        size: images are resized to it, where it isn't 28.
        workers: processes.
        batch: images.
    """
    resize = [transforms.Resize(size), transforms.CenterCrop(size)] if size != 28 else []
    steps = transforms.Compose([*resize, transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
    digits = (root / "MNIST").is_dir()
    images = datasets.MNIST(root, train=True, transform=steps) if digits else Pictures(root, steps)
    return DataLoader(images, batch, shuffle=True, num_workers=workers, drop_last=True, worker_init_fn=anywhere)
