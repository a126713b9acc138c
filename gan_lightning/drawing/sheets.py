"""Sheets of images, bare or with words beside them."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image
from torch import Tensor
from torchvision.utils import make_grid

from gan_lightning.drawing.plane import INK, to_picture

SIDE = 512
"""px: below this, a sheet of small images can't be seen."""
_GAP = 2  # px between images, before enlarging
_DPI = 100
_POINTS = 10  # size of the words
_LETTER = 0.65 * _POINTS * _DPI / 72  # px that a letter takes, on average and with room to spare
_LINE = 26  # px


def tile(images: Tensor, columns: int) -> Tensor:
    """uint8 (n, C, H, W) row by row on white, 2 px apart; a sheet, uint8 (3, H', W')."""
    return make_grid(images, nrow=columns, padding=_GAP, pad_value=255)


def enlarged(sheet: Tensor, factor: int) -> Image.Image:
    """A sheet, uint8 (3, H, W), as a picture of `factor` times its size whose pixels stay squares."""
    picture = Image.fromarray(sheet.permute(1, 2, 0).contiguous().numpy())
    return picture.resize((picture.width * factor, picture.height * factor), Image.Resampling.NEAREST)


def square_sheet(images: Tensor, side: int = SIDE, columns: int | None = None) -> Image.Image:
    """uint8 (n, C, H, W) in so many columns, None for near-square, enlarged until its longer side has `side` px.

    The factor is a whole number.
    """
    sheet = tile(images, columns or math.ceil(math.sqrt(len(images))))
    return enlarged(sheet, whole_factor(max(sheet.shape), side))


def labelled_rows(
    rows: Tensor, beside: Sequence[str] = (), above: Sequence[str] = (), title: str = "", side: int = SIDE
) -> Image.Image:
    """Rows of images with words.

    Args:
        rows: uint8 (R, S, C, H, W).
        beside: of each row, on its left.
        above: of each column.
        title: above all.
        side: px that the images take at least, across.
    """
    sheet = tile(rows.flatten(0, 1), rows.shape[1])
    bare = enlarged(sheet, whole_factor(sheet.shape[2], side))
    left = round(_LETTER * max(map(len, beside)) + _LINE / 2) if beside else 0
    wide = max(left + bare.width, round(_LETTER * len(title)))
    top = _LINE * (bool(title) + bool(above))
    canvas = FigureCanvasAgg(Figure(figsize=(wide / _DPI, (top + bare.height) / _DPI), dpi=_DPI, facecolor="white"))
    width, height = canvas.get_width_height()
    canvas.figure.figimage(np.asarray(bare), xo=left, yo=0)
    words = [(4.0, _LINE / 2, title, "left")]
    for row, word in enumerate(beside):
        words.append((left - 6, top + (row + 0.5) * bare.height / len(rows), word, "right"))
    column = bare.width / rows.shape[1]  # px
    sparing = math.ceil(_LETTER * max(map(len, above), default=0) / column)  # every so manieth word, as they fit
    for place in range(0, len(above), max(1, sparing)):
        half = _LETTER * len(above[place]) / 2
        x = min(left + (place + 0.5) * column, width - half)  # the last one may be wider than its column
        words.append((x, top - _LINE / 2, above[place], "center"))
    for x, y, word, align in words:
        canvas.figure.text(x / width, 1 - y / height, word, ha=align, va="center", fontsize=_POINTS, color=INK)
    return to_picture(canvas)


def whole_factor(pixels: int, least: int) -> int:
    """The least whole factor, 1 at least, that makes `pixels` at least `least`."""
    return max(1, math.ceil(least / pixels))
