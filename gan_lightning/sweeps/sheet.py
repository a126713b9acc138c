"""Samples of every setting on one sheet, best first, and as small pictures for the page."""

import io
import math
from pathlib import Path

from matplotlib import font_manager
from PIL import Image, ImageDraw, ImageFont

from gan_lightning.sweeps.groups import Group
from gan_lightning.sweeps.result import Result
from gan_lightning.sweeps.tables import mean_and_error

_TILE, _GAP, _LINE = 240, 16, 17
_MOST = 60  # settings
_BACK, _INK, _GREY = "#ffffff", "#39424e", "#8a929c"


def contact_sheet(result: Result) -> bytes | None:
    """A PNG of the last samples of each setting's first finished seed; None where there are none."""
    tiles = [(group, group.example.picture) for group in result.groups[:_MOST]]
    if not any(picture for _, picture in tiles):
        return None
    columns = min(len(tiles), max(3, round(math.sqrt(len(tiles) * 1.4))))
    rows = math.ceil(len(tiles) / columns)
    height = _TILE + 2 * _LINE + _GAP
    sheet = Image.new("RGB", (columns * (_TILE + _GAP) + _GAP, rows * height + _GAP), _BACK)
    for index, (group, picture) in enumerate(tiles):
        corner = _GAP + index % columns * (_TILE + _GAP), _GAP + index // columns * height
        _tile(sheet, corner, group, picture)
    file = io.BytesIO()
    sheet.save(file, "PNG", optimize=True)
    return file.getvalue()


def thumbnail(picture: Path, side: int) -> bytes:
    """A picture as a JPEG of at most that many pixels a side, pixels of small images kept sharp."""
    with Image.open(picture) as opened:
        small = _scaled(opened.convert("RGB"), side)
    file = io.BytesIO()
    small.save(file, "JPEG", quality=85)
    return file.getvalue()


def _tile(sheet: Image.Image, corner: tuple[int, int], group: Group, picture: Path | None) -> None:
    draw = ImageDraw.Draw(sheet)
    if picture is None:
        draw.rectangle((*corner, corner[0] + _TILE, corner[1] + _TILE), fill="#f1f3f5")
        draw.text((corner[0] + 10, corner[1] + 10), f"no samples: {group.example.state}", _GREY, _font(13))
    else:
        with Image.open(picture) as opened:
            sheet.paste(_scaled(opened.convert("RGB"), _TILE), corner)
    below = corner[1] + _TILE + 3
    draw.text((corner[0], below), _fitting(draw, group.label), _INK, _font(13))
    state = "" if group.finished else group.example.state
    draw.text((corner[0], below + _LINE), mean_and_error(group.sample) if group.sample.n else state, _GREY, _font(12))


def _scaled(image: Image.Image, side: int) -> Image.Image:
    factor = side / max(image.size)
    size = max(1, round(image.width * factor)), max(1, round(image.height * factor))
    if factor >= 1:
        return image.resize(size, Image.Resampling.NEAREST) if factor >= 2 else image
    return image.resize(size, Image.Resampling.LANCZOS)


def _fitting(draw: ImageDraw.ImageDraw, text: str) -> str:
    while draw.textlength(text, _font(13)) > _TILE and len(text) > 4:
        text = text[:-2].rstrip("…") + "…"
    return text


def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font_manager.findfont("DejaVu Sans"), size)
