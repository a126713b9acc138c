"""MNIST and Fashion-MNIST, read from their IDX files: 60,000 training and 10,000 test images, grey, 28 x 28."""

from abc import ABC
from pathlib import Path
from typing import ClassVar, final

from torch import Tensor
from torch.nn.functional import pad
from torchvision import datasets

from gan_lightning.data import files
from gan_lightning.data.base import ImageData, Samples
from gan_lightning.data.idx import read_idx
from gan_lightning.data.official import checked_labels, damaged, fetch, resized

_SIDE, _PADDED = 28, 32
_CLASSES = 10


class IdxImages(ImageData, ABC):
    """A set of four IDX files, plain or `.gz`, verified by the sha256 of their contents.

    The files are looked for in `root/NAME/raw` (torchvision's layout), in `root`, then in the system's folders.

    Args:
        root: folder of the data.
        download: fetch the files into `root` if one is missing.
        size: side in pixels. 28 is native; 32 pads with two black pixels on each side, as the literature does; any
            other size is an antialiased bilinear resize.
        flip, batch_size, minibatches, seed: see `ImageData`.
    """

    SHA256: ClassVar[dict[str, str]]
    """Digest of each uncompressed file, by name."""
    fileset: ClassVar[files.FileSet]
    published: ClassVar[type[datasets.MNIST]]

    def __init__(
        self, root: str, download: bool, size: int, flip: bool, batch_size: int, minibatches: int, seed: int
    ) -> None:
        super().__init__(batch_size, minibatches, seed, flip)
        self.root, self.download, self.size = Path(root).expanduser(), download, size

    @property
    def shape(self) -> tuple[int, int, int]:
        return 1, self.size, self.size

    @property
    def num_classes(self) -> int:
        return _CLASSES

    def load(self) -> Samples:
        return self._split("train")

    def test_samples(self) -> Samples:
        """The test set, 10,000 samples. Raises UsageError where it is missing or damaged."""
        return self._split("t10k")

    def _split(self, prefix: str) -> Samples:
        images_path, images = self._read(f"{prefix}-images-idx3-ubyte", dimensions=3)
        labels_path, labels = self._read(f"{prefix}-labels-idx1-ubyte", dimensions=1)
        if images.shape[1:] != (_SIDE, _SIDE):
            raise damaged(images_path, f"images of {images.shape[1]} x {images.shape[2]} pixels, not 28 x 28")
        if len(images) != len(labels):
            raise damaged(labels_path, f"{len(labels)} labels for {len(images)} images")
        return Samples(self._sized(images.unsqueeze(1)), checked_labels(labels, _CLASSES, labels_path))

    def _sized(self, images: Tensor) -> Tensor:
        margin = (_PADDED - _SIDE) // 2
        return pad(images, [margin] * 4) if self.size == _PADDED else resized(images, self.size)

    def _read(self, name: str, dimensions: int) -> tuple[Path, Tensor]:
        if self.download and not self.fileset.complete(self.root, [name]):
            fetch(self.published, self.root, self.fileset.advice(self.root))
        path = self.fileset.locate(self.root, name)
        return path, read_idx(path, dimensions, self.SHA256[name])


@final
class MNIST(IdxImages):
    """Handwritten digits (LeCun, Cortes, Burges 1998)."""

    SHA256 = {
        "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    }
    fileset = files.MNIST
    published = datasets.MNIST


@final
class FashionMNIST(IdxImages):
    """Articles of clothing (Xiao, Rasul, Vollgraf 2017, arXiv:1708.07747)."""

    # These contents, gzipped with their original headers, have the MD5s of torchvision's FashionMNIST.resources.
    SHA256 = {
        "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    }
    fileset = files.FASHION_MNIST
    published = datasets.FashionMNIST
