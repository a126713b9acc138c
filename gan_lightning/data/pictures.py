"""A picture file of whatever kind to the pixels of a square."""

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

_FORMATS = ("BMP", "GIF", "JPEG", "PNG", "TIFF", "WEBP")  # whatever a file's name says, no other decoder is tried


def read_square(path: Path, size: int, channels: int) -> NDArray[np.uint8]:
    """The centre of a picture as uint8 (channels, size, size), its shorter side resized to `size` by Lanczos.

    The camera's orientation is applied, what is transparent is seen over white, 16 bits become 8, and of an animation
    the first frame is taken. `channels` is 1 for grey, 3 for colour.

    Raises:
        Exception: any, where the file is no picture: Pillow's decoders raise whatever they stumble over.
    """
    mode = "L" if channels == 1 else "RGB"
    with Image.open(io.BytesIO(path.read_bytes()), formats=_FORMATS) as picture:  # one read is faster than Pillow's 40
        picture.draft(mode, (2 * size, 2 * size))  # a large JPEG is decoded at 1/2, 1/4 or 1/8, no smaller than this
        ImageOps.exif_transpose(picture, in_place=True)
        square = ImageOps.fit(_opaque(picture).convert(mode), (size, size), Image.Resampling.LANCZOS)
    pixels = np.asarray(square)
    return pixels[None] if channels == 1 else pixels.transpose(2, 0, 1)


def _opaque(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):  # 16 bits a pixel, in some versions of Pillow held in 32
        wide = np.asarray(picture).clip(0, 65535)
        return Image.fromarray((wide / 257 + 0.5).astype(np.uint8))  # 65535 / 257 = 255
    if picture.mode == "F":
        raise ValueError("its pixels are floating-point numbers of unknown range")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    return picture
