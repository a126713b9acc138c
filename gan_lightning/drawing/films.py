"""Pictures one behind the other, as a GIF that loops."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image

_MANY = 30_000
"""Colours, as photographs and noise have them: among all of them it takes seconds to choose."""
_THIN = 3
"""Of those every so many-th pixel of a row, and every so many-th row, are looked at."""


def write_film(pictures: Sequence[Image.Image], path: Path, milliseconds: int, hold: int, max_side: int) -> None:
    """Write a GIF that loops for ever.

    Args:
        pictures: RGB, all of one size.
        path: of the GIF, whatever its suffix.
        milliseconds: that a picture stays.
        hold: milliseconds that the last one stays.
        max_side: px; larger pictures are reduced.
    """
    factor = min(1.0, max_side / max(pictures[-1].size))
    size = (round(pictures[-1].width * factor), round(pictures[-1].height * factor))
    first, *others = [_reduce(picture, size) for picture in pictures]
    durations = [milliseconds] * len(others) + [hold]
    first.save(path, "GIF", save_all=True, append_images=others, duration=durations, loop=0)


def _reduce(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """At most 256 colours of its own.

    Undithered, because dots that change from frame to frame flicker; and by maximum coverage, because a median cut
    gives all colours to a smooth background and tints the small dark writing.
    """
    if picture.size != size:
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    if picture.getcolors(_MANY) is not None:
        return _choose(picture)
    size = (max(1, picture.width // _THIN), max(1, picture.height // _THIN))
    few = picture.resize(size, Image.Resampling.NEAREST)
    return picture.quantize(palette=_choose(few), dither=Image.Dither.NONE)


def _choose(picture: Image.Image) -> Image.Image:
    return picture.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE)
