"""Pictures one behind the other, as a GIF that loops."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image


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
    return picture.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE)
