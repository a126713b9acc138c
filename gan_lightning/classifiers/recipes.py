"""How each classifier of the package is trained: which images, how they are varied, for how long, how fast."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from gan_lightning.classifiers.augmentations import Augmentation, affine, cutout, flip, in_order, shift
from gan_lightning.classifiers.catalogue import CATALOGUE
from gan_lightning.data.base import Samples
from gan_lightning.data.image_folder import ImageFolder
from gan_lightning.data.listing import list_pictures
from gan_lightning.data.mnist import MNIST, FashionMNIST, IdxImages
from gan_lightning.errors import UsageError


class Split(NamedTuple):
    """A set with labels, all of it."""

    train: Samples
    test: Samples


@dataclass(frozen=True)
class Recipe:
    """What one classifier is trained with."""

    read: Callable[[Path | None], Split]
    """The images under a folder; None stands for the usual one."""
    width: int
    augment: Augmentation
    epochs: int
    batch_size: int
    lr: float
    """The highest rate, reached after a quarter of the run."""
    features: int = 128
    weight_decay: float = 5e-4
    label_smoothing: float = 0.1
    ema: float = 0.995
    """Decay of the weights' moving average, which is what is kept."""


def _idx(kind: type[IdxImages]) -> Callable[[Path | None], Split]:
    def read(root: Path | None) -> Split:
        folder = root or os.environ.get("GAN_LIGHTNING_DATA", "data")
        data = kind(str(folder), download=True, size=28, flip=False, batch_size=1, minibatches=1, seed=0)
        return Split(data.load(), data.test_samples())

    return read


def _folders(name: str) -> Callable[[Path | None], Split]:
    """The images in ROOT/train and ROOT/test, a folder a class."""
    entry = CATALOGUE[name]

    def read(root: Path | None) -> Split:
        if root is None:
            raise UsageError(f"classifier {name}: add --root FOLDER, with train/ and test/, each with a folder a class")
        train, test = root / "train", root / "test"
        classes = tuple(list_pictures(train).classes)
        if classes != entry.classes:
            raise UsageError(f"{train} has the classes {', '.join(classes)}: it takes {', '.join(entry.classes)}")
        cache = os.environ.get("GAN_LIGHTNING_CACHE", "outputs/cache")
        data = ImageFolder(
            *(str(train), entry.size, entry.channels, cache, str(test)), flip=False, batch_size=1, minibatches=1, seed=0
        )
        return Split(data.load(), data.test_samples())

    return read


RECIPES: dict[str, Recipe] = {
    "mnist": Recipe(
        read=_idx(MNIST),
        width=32,
        augment=affine(degrees=10, scale=(0.85, 1.1), shear=0.1, pixels=2),
        epochs=10,
        batch_size=256,
        lr=0.2,
    ),
    "fashion_mnist": Recipe(
        read=_idx(FashionMNIST),
        width=32,
        augment=in_order(flip, shift(2, "constant")),
        epochs=18,
        batch_size=256,
        lr=0.2,
    ),
    "cifar10_jpeg": Recipe(
        read=_folders("cifar10_jpeg"),
        width=64,
        augment=in_order(flip, shift(4, "reflect"), cutout(8)),
        epochs=30,
        batch_size=256,
        lr=0.2,
    ),
}
"""By the classifier's name."""
