"""A folder of pictures through a run's translators."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import pad

from gan_lightning.drawing.sheets import labelled_rows
from gan_lightning.inference.folder import read_pixels
from gan_lightning.inference.trained import Trained
from gan_lightning.networks.both_ways import send_back

_BLOCK = 16  # pictures at once
_COLUMNS, _WHITE = 8, 255


class Translated(NamedTuple):
    """Pictures with what is made of them, uint8 (n, C, S, S) each, on the CPU."""

    pictures: Tensor
    translations: Tensor
    returned: Tensor
    """The translations, translated back."""
    fitting: int
    """How many of the pictures had the run's size."""


def translate(trained: Trained, folder: Path, paths: Sequence[str], back: bool) -> Iterator[Translated]:
    """The pictures of a folder, a few at a time, into the target, or `back` from it. Raises UsageError for no picture.

    What comes back is made from the translations as they are stored.
    """
    first, second = (_to_source, _to_target) if back else (_to_target, _to_source)
    for start in range(0, len(paths), _BLOCK):
        read = [read_pixels(folder / path, trained.opened.data.shape) for path in paths[start : start + _BLOCK]]
        pictures = torch.stack([torch.tensor(pixels.values) for pixels in read])
        translations = first(trained, pictures)
        fitting = sum(pixels.fits for pixels in read)
        yield Translated(pictures, translations, second(trained, translations), fitting)


def overview(shown: Translated) -> Image.Image:
    """Rows of up to eight pictures, below each row its translations, and below those what comes back."""
    columns = min(_COLUMNS, len(shown.pictures))
    missing = -len(shown.pictures) % columns
    kinds = (shown.pictures, shown.translations, shown.returned)
    blocks = [pad(kind, (0, 0) * 3 + (0, missing), value=_WHITE).unflatten(0, (-1, columns)) for kind in kinds]
    rows = torch.stack(blocks, 1).flatten(0, 1)  # (blocks * 3, columns, C, S, S)
    return labelled_rows(rows, ["picture", "translation", "and back"] * (len(rows) // len(kinds)))


def _to_target(trained: Trained, pictures: Tensor) -> Tensor:
    return trained.draw(trained.opened.data.scale(pictures).flatten(1))


def _to_source(trained: Trained, pictures: Tensor) -> Tensor:
    data, network = trained.opened.data, trained.opened.module.network(trained.weights)
    return data.restore(send_back(network, data.scale(pictures).to(trained.device))).cpu()
