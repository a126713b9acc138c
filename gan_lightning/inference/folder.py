"""A folder's pictures in a run's shape, and the names under which what is made of them is written; imports no torch."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gan_lightning.data.listing import holds_pictures, list_pictures
from gan_lightning.data.pictures import read_square
from gan_lightning.errors import UsageError


class Pixels(NamedTuple):
    """A picture as the data would store it."""

    values: NDArray[np.uint8]
    """uint8 (C, S, S)."""
    fits: bool
    """Whether it had that size already."""


def find_pictures(folder: Path) -> list[str]:
    """The pictures under a folder, relative to it and sorted. Raises UsageError where there is none."""
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder: name one that holds pictures")
    if not holds_pictures(folder):
        raise UsageError(f"{folder} holds no pictures: name a folder that does")
    return list_pictures(folder).paths


def read_pixels(path: Path, shape: tuple[int, ...]) -> Pixels:
    """A picture cut and resized to (C, S, S) as a folder of data is. Raises UsageError where it is none."""
    try:
        with Image.open(path) as picture:
            size = picture.size
        return Pixels(read_square(path, shape[-1], shape[0]), size == (shape[-1], shape[-1]))
    except Exception as error:  # Pillow's decoders raise whatever they stumble over
        raise UsageError(f"{path} cannot be read as a picture ({error}): mend or remove it") from error


def as_png(paths: Sequence[str]) -> list[str]:
    """The paths with the suffix .png; where two would be one, each keeps its own before it."""
    plain = [str(Path(path).with_suffix(".png")) for path in paths]
    times = Counter(plain)
    return [name if times[name] == 1 else f"{path}.png" for name, path in zip(plain, paths, strict=True)]


def write_png(pixels: NDArray[np.uint8], path: Path) -> None:
    """Write a picture uint8 (C, S, S), grey where it has one channel, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels[0] if len(pixels) == 1 else pixels.transpose(1, 2, 0)).save(path)
