"""Folders of pictures of noise, in the place of sets that have to be downloaded; imports no torch."""

import os
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

PLACE = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "gan_lightning_benchmarks"
SIDE, DISTINCT = 32, 400


def overrides(n: int) -> list[str]:
    """A command line's words for n pictures in colour, 32 px, which are made where they aren't there yet."""
    words = [f"data.root={folder(n)}", f"data.cache={PLACE / 'decoded'}", "data.flip=false"]
    return ["data=image_folder", f"data.size={SIDE}", "data.channels=3", *words]


def folder(n: int) -> Path:
    """n pictures, of which so many are distinct; the others are links to those."""
    found = PLACE / f"noise{n}"
    if not found.is_dir():
        PLACE.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=PLACE))
        for number in range(n):
            path = made / f"{number:06}.png"
            if number < DISTINCT:
                draw(number).save(path)
            else:
                path.hardlink_to(made / f"{number % DISTINCT:06}.png")
        made.rename(found)
    return found


def draw(number: int) -> Image.Image:
    """The picture of a number, grey levels from 0 to 255 in each channel."""
    noise = np.random.default_rng(number).integers(256, size=(SIDE, SIDE, 3))
    return Image.fromarray(noise.astype(np.uint8))
