"""Sheets of images for the eye."""

from pathlib import Path

import torch
from PIL import Image
from torch import Tensor
from torchvision.utils import make_grid

_COLUMNS = 10
_GAP = 2  # px
_ENLARGED = 2  # small images can't be seen otherwise


def pair_sheet(samples: Tensor, others: Tensor) -> Tensor:
    """Ten samples a row, uint8 (n, C, H, W), and below each row what belongs to them; a sheet, uint8 (3, H, W)."""
    rows = [row for pair in zip(samples.split(_COLUMNS), others.split(_COLUMNS), strict=True) for row in pair]
    return make_grid(torch.cat(rows), nrow=_COLUMNS, padding=_GAP, pad_value=255)


def save_sheet(sheet: Tensor, path: Path) -> None:
    """Write a sheet, uint8 (3, H, W), as a picture of twice its size."""
    picture = Image.fromarray(sheet.permute(1, 2, 0).contiguous().numpy())
    path.parent.mkdir(parents=True, exist_ok=True)
    size = (picture.width * _ENLARGED, picture.height * _ENLARGED)
    picture.resize(size, Image.Resampling.NEAREST).save(path)
