"""CIFAR-10 (Krizhevsky 2009), read from its Python batches: 50,000 + 10,000 images, colour, 32 x 32."""

import hashlib
import io
import pickle
from pathlib import Path
from typing import Any, ClassVar, final

import numpy as np
import torch
from torch import Tensor
from torchvision import datasets

from gan_lightning.data import files
from gan_lightning.data.base import ImageData, Samples
from gan_lightning.data.official import checked_labels, damaged, fetch, resized

_SHAPE = (3, 32, 32)
_PIXELS = 3 * 32 * 32
_CLASSES = 10


@final
class CIFAR10(ImageData):
    """The six batch files in `root/cifar-10-batches-py`, verified by MD5 before they are unpickled.

    Args:
        root: folder of the data.
        download: fetch the files into `root` if one is missing.
        size: side in pixels: 32 is native, any other size is an antialiased bilinear resize.
        flip, batch_size, minibatches, seed: see `ImageData`.
    """

    MD5: ClassVar[dict[str, str]] = dict(datasets.CIFAR10.train_list + datasets.CIFAR10.test_list)
    """Digest of each batch file, by name, as torchvision publishes them."""

    def __init__(
        self, root: str, download: bool, size: int, flip: bool, batch_size: int, minibatches: int, seed: int
    ) -> None:
        super().__init__(batch_size, minibatches, seed, flip)
        self.root, self.download, self.size = Path(root).expanduser(), download, size

    @property
    def shape(self) -> tuple[int, int, int]:
        return 3, self.size, self.size

    @property
    def num_classes(self) -> int:
        return _CLASSES

    def load(self) -> Samples:
        return self._read(files.CIFAR10.train)

    def test_samples(self) -> Samples:
        """The test set, 10,000 samples. Raises UsageError where it is missing or damaged."""
        return self._read(files.CIFAR10.test)

    def _read(self, names: tuple[str, ...]) -> Samples:
        if self.download and not files.CIFAR10.complete(self.root, names):
            fetch(datasets.CIFAR10, self.root, files.CIFAR10.advice(self.root))
        paths = [files.CIFAR10.locate(self.root, name) for name in names]
        images, labels = zip(*map(self._batch, paths), strict=True)
        return Samples(resized(torch.cat(images), self.size), torch.cat(labels))

    def _batch(self, path: Path) -> tuple[Tensor, Tensor]:
        """One verified file: uint8 (n, 3, 32, 32) and int64 (n,)."""
        content = path.read_bytes()
        if hashlib.md5(content, usedforsecurity=False).hexdigest() != self.MD5[path.name]:
            raise damaged(path, "MD5 differs from the official file's")
        try:
            batch = _Unpickler(io.BytesIO(content), encoding="bytes").load()
            pixels, labels = torch.from_numpy(batch[b"data"]), torch.tensor(batch[b"labels"])
        except Exception as error:  # "other exceptions may also be raised during unpickling", says pickle's manual
            raise damaged(path, f"not a batch of CIFAR-10: {error}") from error
        if pixels.shape != (len(labels), _PIXELS) or not len(labels):
            raise damaged(path, f"pixels of shape {tuple(pixels.shape)} for {len(labels)} labels")
        return pixels.reshape(-1, *_SHAPE), checked_labels(labels, _CLASSES, path)


def _uint8(name: bytes | str, *_: Any) -> np.dtype:
    if name not in (b"u1", "u1"):
        raise pickle.UnpicklingError(f"holds an array of {name!r}, not of bytes")
    return np.dtype(np.uint8)  # built here: NumPy 2.4 warns about the arguments that Python 2 pickled


_RECONSTRUCT = np.empty(0).__reduce__()[0]  # its module's name depends on NumPy's version
_ALLOWED: dict[tuple[str, str], Any] = {
    ("numpy.core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy._core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): _uint8,
}


class _Unpickler(pickle.Unpickler):
    """Builds arrays of bytes in plain containers and nothing else: a pickle could otherwise run any command."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"asks for {module}.{name}")
        return _ALLOWED[module, name]
