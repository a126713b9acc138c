"""Sheets of images for the eye."""

from pathlib import Path

import torch
from torch import Tensor

from gan_lightning.drawing.sheets import enlarged, tile
from gan_lightning.files import unfinished

_COLUMNS = 10
_ENLARGED = 2  # small images can't be seen otherwise


def pair_sheet(samples: Tensor, others: Tensor) -> Tensor:
    """Ten samples a row, uint8 (n, C, H, W), and below each row what belongs to them; a sheet, uint8 (3, H, W)."""
    rows = [row for pair in zip(samples.split(_COLUMNS), others.split(_COLUMNS), strict=True) for row in pair]
    return tile(torch.cat(rows), _COLUMNS)


def save_sheet(sheet: Tensor, path: Path) -> None:
    """Write a sheet, uint8 (3, H, W), as a picture of twice its size."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with unfinished(path) as part:
        enlarged(sheet, _ENLARGED).save(part, "PNG")
