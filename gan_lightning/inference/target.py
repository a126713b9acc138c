"""What `invert` is given, as the data would store it; imports no torch."""

import hashlib
import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gan_lightning.data.pictures import read_square
from gan_lightning.errors import UsageError


class Target(NamedTuple):
    """A sample from outside."""

    values: NDArray[np.generic]
    """uint8 (C, S, S), or float32 (2,)."""
    name: str
    """What files about it are called after."""
    note: str | None
    """What was done to it, if anything."""


_FARTHEST = 1e6
"""Of a coordinate from 0: its square is still far from what overflows."""


def read_target(argument: str, shape: tuple[int, ...]) -> Target:
    """A point `X,Y` where samples are points, else a picture, its centre resized as a folder's pictures are.

    Raises:
        UsageError: it is no such point, or the file is missing or no picture.
    """
    return _point(argument) if shape == (2,) else _picture(Path(argument).expanduser(), shape)


def _point(argument: str) -> Target:
    try:
        x, y = (float(part) for part in argument.split(","))
    except ValueError:
        x = y = math.nan
    if not (abs(x) <= _FARTHEST and abs(y) <= _FARTHEST):
        raise UsageError(
            f"{argument}: this run's samples are points in the plane: name one as X,Y, as in 0.5,-1, and none beyond "
            f"{_FARTHEST:g}"
        )
    return Target(np.array([x, y], np.float32), f"{x:g},{y:g}", None)


def _picture(path: Path, shape: tuple[int, ...]) -> Target:
    if not path.is_file():
        raise UsageError(f"{path}: there is no such picture")
    channels, side = shape[0], shape[-1]
    try:
        with Image.open(path) as picture:
            width, height = picture.size
        pixels = read_square(path, side, channels)
    except Exception as error:  # Pillow's decoders raise whatever they stumble over
        raise UsageError(f"{path} can't be read as a picture ({error}): name another") from error
    cut = "its centre was cut out and resized" if width != height else "it was resized"
    note = f"{path.name} has {width} x {height} pixels: {cut} to {side} x {side}"
    name = f"{path.stem}-{hashlib.sha256(pixels.tobytes()).hexdigest()[:6]}"  # files of one name may differ
    return Target(pixels, name, None if (width, height) == (side, side) else note)
