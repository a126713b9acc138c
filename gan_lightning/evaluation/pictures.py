"""A folder of generated pictures as samples: nothing is cropped or resized, since that would change the figures."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from gan_lightning import noise
from gan_lightning.data.base import ImageData, Samples
from gan_lightning.data.listing import list_pictures
from gan_lightning.data.pictures import read_square
from gan_lightning.errors import UsageError

_LEAST = 2  # a covariance needs two


def read_pictures(folder: Path, data: ImageData) -> Samples:
    """All pictures under a folder, uint8 (n, *data.shape), in a fixed random order.

    Subfolders are classes, if there are as many as the data have; they count as what was asked for.

    Raises:
        UsageError: fewer than two, one that can't be read, or one that is not of the data's size.
    """
    listing = list_pictures(folder)
    if len(listing.paths) < _LEAST:
        raise UsageError(f"{folder} holds {len(listing.paths)} picture: figures need at least {_LEAST}, better 10,000")
    channels, side, _ = data.shape
    pixels = np.stack([_read(folder / path, side, channels) for path in listing.paths])
    order = torch.randperm(len(pixels), generator=noise.generator(0))  # n of them are then of all classes
    asked = listing.labels is not None and len(listing.classes) == data.num_classes
    labels = torch.tensor(listing.labels)[order] if asked else None
    return Samples(torch.from_numpy(pixels)[order], labels)


def _read(path: Path, side: int, channels: int) -> np.ndarray:
    try:
        with Image.open(path) as picture:
            size = picture.size
        pixels = read_square(path, side, channels)
    except Exception as error:  # Pillow's decoders raise whatever they stumble over
        raise UsageError(f"{path} cannot be read as a picture ({error}): mend or remove it") from error
    if size != (side, side):
        raise UsageError(
            f"{path} has {size[0]} x {size[1]} pixels, and the data have {side} x {side}: all pictures must be of one "
            "size, the data's (set data.size)"
        )
    return pixels
