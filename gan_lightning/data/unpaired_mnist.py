"""Digits against other digits, coloured, inverted or turned: unpaired domains whose true translation is known."""

from functools import cached_property
from typing import Any, final

import torch
from torch import Tensor

from gan_lightning.data.base import Samples
from gan_lightning.data.known_maps import MAPS
from gan_lightning.data.mnist import MNIST
from gan_lightning.data.pairs import UnpairedImages


@final
class UnpairedMNIST(UnpairedImages):
    """MNIST's first 30,000 training digits as the source, the other 30,000 through a known map as the target.

    So no digit is in both domains. Held out are the 10,000 test digits, as they are and through the map.

    Args:
        map: colour, invert or rotate (`gan_lightning.data.known_maps`).
        root, download, size, flip, batch_size, minibatches, seed: see `IdxImages`.
    """

    def __init__(self, map: str, **digits: Any) -> None:
        super().__init__(digits["batch_size"], digits["minibatches"], digits["seed"], digits["flip"])
        self.name, self.map = map, MAPS[map]()
        self._digits = MNIST(**digits)

    @property
    def title(self) -> str:
        """The map is part of what the data are."""
        return f"UnpairedMNIST ({self.name})"

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.map.channels, self._digits.size, self._digits.size

    @property
    def num_classes(self) -> int:
        return self._digits.num_classes

    def load(self) -> Samples:
        """The second half, through the map."""
        images, labels = self._training
        half = len(images) // 2
        return Samples(self.map.there(self.map.source(images[half:])), labels[half:])

    def load_source(self) -> Samples:
        """The first half, as it is."""
        images, labels = self._training
        half = len(images) // 2
        return Samples(self.map.source(images[:half]), labels[:half])

    def test_samples(self) -> Samples:
        """The test digits through the map."""
        source = self.source_held_out
        return Samples(self.map.there(source.values), source.labels)

    def source_test(self) -> Samples:
        """The test digits as they are."""
        images, labels = self._digits.test_samples()
        return Samples(self.map.source(images), labels)

    def true_translation(self, source: Tensor) -> Tensor:
        """The map's."""
        return self.map.there(source)

    def labels_of(self, source: Tensor) -> Tensor:
        """The digits (n,) that held-out source pictures, as stored, show. Raises KeyError for any other picture."""
        return torch.tensor([self._known[picture.numpy().tobytes()] for picture in source])

    @cached_property
    def _training(self) -> tuple[Tensor, Tensor]:
        images, labels = self._digits.load()
        assert labels is not None
        return images, labels

    @cached_property
    def _known(self) -> dict[bytes, int]:
        images, labels = self.source_held_out
        assert labels is not None
        return {picture.numpy().tobytes(): int(label) for picture, label in zip(images, labels, strict=True)}
