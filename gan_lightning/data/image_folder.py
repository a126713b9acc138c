"""A folder of pictures: any kinds and sizes, decoded once into a memory-mapped cache of small squares."""

import hashlib
import os
import sys
from collections.abc import Callable
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import NoReturn, final

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import UnidentifiedImageError
from torch import Tensor
from tqdm import tqdm

from gan_lightning.data.base import ImageData, Samples
from gan_lightning.data.cache import Blocks, ReadAhead, build, open_checked
from gan_lightning.data.listing import Listing, list_pictures
from gan_lightning.data.pictures import read_square
from gan_lightning.data.threads import spread
from gan_lightning.errors import UsageError

_FORMAT = 2  # raise it when the same picture gives other pixels: older caches are then left alone
_BLOCK = 16  # pictures a task and checksum: a thread's overhead is shared, and few are in memory at once
_SELDOM = 30  # seconds between two looks at the progress, where stderr is not a terminal
_SHARE = 1 / 3  # of the device's free memory: a larger set is gathered from the mapped file, batch by batch


@final
class ImageFolder(ImageData):
    """Every picture under a folder, its shorter side resized to `size` and its centre cut out.

    The immediate subfolders are the classes, in alphabetical order; pictures that lie in the folder itself have none.
    The first use decodes all of them, with as many threads as there are cores, into a file in `cache`; a folder in
    which anything changed gets a new file. Who is stopped while that goes on, goes on there the next time.

    Args:
        root: the folder.
        size: side in pixels.
        channels: 3 for colour, 1 for grey.
        cache: folder for the decoded pictures, `channels * size * size` bytes each.
        test_root: a folder of held-out pictures for measures, or None; training never sees it.
        flip, batch_size, minibatches, seed: see `ImageData`.
    """

    def __init__(
        self,
        root: str,
        size: int,
        channels: int,
        cache: str,
        test_root: str | None,
        flip: bool,
        batch_size: int,
        minibatches: int,
        seed: int,
    ) -> None:
        super().__init__(batch_size, minibatches, seed, flip)
        if channels not in (1, 3):
            raise UsageError(f"data.channels={channels}: it is 1 for grey or 3 for colour")
        self.root, self.cache = Path(root).expanduser(), Path(cache).expanduser()
        self.test_root = None if test_root is None else Path(test_root).expanduser()
        self.size, self.channels = size, channels
        self._files: dict[int, Path] = {}  # by the address of what is mapped from them

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.channels, self.size, self.size

    @property
    def num_classes(self) -> int:
        """Number of subfolders that hold pictures, 0 if there are none; reads the names, not the pictures."""
        return len(self._listing.classes)

    @cached_property
    def _listing(self) -> Listing:
        return list_pictures(self.root)

    @property
    def has_test(self) -> bool:
        """Whether `test_root` names a folder."""
        return self.test_root is not None

    @property
    def epoch_samples(self) -> int:
        """Known before any is decoded."""
        return len(self._listing.paths)

    def load(self) -> Samples:
        return self._decoded(self.root, self._listing)

    def test_samples(self) -> Samples:
        """The pictures under `test_root`, its subfolders numbered as the training set's."""
        assert self.test_root is not None
        listing = list_pictures(self.test_root)
        if listing.classes != self._listing.classes:
            raise UsageError(
                f"data.test_root={self.test_root} has the classes {', '.join(listing.classes) or 'none'}, "
                f"and {self.root} has {', '.join(self._listing.classes) or 'none'}: give both the same subfolders"
            )
        return self._decoded(self.test_root, listing)

    def _decoded(self, root: Path, listing: Listing) -> Samples:
        shape = (len(listing.paths), *self.shape)
        key = hashlib.sha256(f"{_FORMAT} {self.shape} {listing.fingerprint}".encode()).hexdigest()[:16]
        path = self.cache / f"{root.resolve().name}-{self.channels}x{self.size}x{self.size}-{key}.npy"
        if not path.is_file():
            build(path, shape, _BLOCK, lambda done: self._decode(root, listing.paths, done))
        labels = None if listing.labels is None else torch.tensor(listing.labels)
        values = open_checked(path, shape, _BLOCK)
        self._files[values.data_ptr()] = path
        return Samples(values, labels)

    def resident(self, values: Tensor, device: torch.device) -> Tensor:
        """On the training device if that takes at most a third of its free memory, else in the mapped file."""
        fits = device.type == "cuda" and values.nbytes <= _SHARE * torch.cuda.mem_get_info(device)[0]
        return values.to(device) if fits else values

    @staticmethod
    def _bar(root: Path, pictures: int, done: int) -> "tqdm[NoReturn]":
        """At once on a terminal; in a log a line of what takes long."""
        often = {"mininterval": 0.5} if sys.stderr.isatty() else {"mininterval": _SELDOM, "delay": _SELDOM}
        return tqdm(total=pictures, initial=done, desc=f"decoding {root}", unit="picture", **often)

    def ahead(self, values: Tensor) -> Callable[[Tensor], None] | None:
        """Fetches what is to be gathered from the mapped file."""
        path = self._files.get(values.data_ptr())
        return None if path is None else ReadAhead(path, values)

    def _decode(self, root: Path, paths: list[str], done: int) -> Blocks:
        """Blocks of decoded pictures (n, *shape) in the order of `paths`, behind the first `done`, up to a bad one.

        Raises:
            UsageError: at the end, if some could not be decoded.
        """
        unreadable: dict[str, str] = {}

        def square(path: str) -> NDArray[np.uint8]:
            try:
                return read_square(root / path, self.size, self.channels)
            except UnidentifiedImageError:
                unreadable[path] = "no picture in a known format"
            except Exception as error:  # Pillow's decoders raise whatever they stumble over
                unreadable[path] = str(error)
            return np.zeros(self.shape, np.uint8)

        def block(start: int) -> NDArray[np.uint8]:
            return np.stack([square(path) for path in paths[start : start + _BLOCK]])

        starts = range(done, len(paths), _BLOCK)
        with self._bar(root, len(paths), done) as bar, closing(spread(block, starts, os.cpu_count() or 1)) as blocks:
            for pixels in blocks:
                if not unreadable:
                    yield pixels
                bar.update(len(pixels))
            bar.leave = not unreadable or not sys.stderr.isatty()  # what is wrong is told in its place
        if unreadable:
            first = min(unreadable)
            raise UsageError(
                f"{len(unreadable)} of {len(paths)} files under {root} cannot be read as pictures, "
                f"the first is {root / first} ({unreadable[first]}): mend or remove them"
            )
