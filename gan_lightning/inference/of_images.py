"""Images: sheets, rows with words, PNG files."""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import final

import torch
from PIL import Image
from torch import Tensor

from gan_lightning.data.base import Samples
from gan_lightning.drawing.sheets import labelled_rows, square_sheet
from gan_lightning.inference.view import View

_PAIR = 384  # px across
_FILM = 400  # px


@final
class ImageView(View):
    """uint8 images (n, C, S, S)."""

    fineness = 1

    def overview(self, samples: Tensor, columns: int | None) -> Image.Image:
        """A sheet, near-square where the columns are left open."""
        return square_sheet(samples, columns=columns)

    def write_files(self, blocks: Iterable[Samples], folder: Path) -> None:
        """`00000000.png` and so on, of the images' own size, grey where they have one channel; a subfolder a class."""
        number = 0
        for values, labels in blocks:
            names = [""] * len(values) if labels is None else [f"{label:03d}" for label in labels.tolist()]
            for pixels, name in zip(values.permute(0, 2, 3, 1).numpy(), names, strict=True):
                (folder / name).mkdir(exist_ok=True)
                picture = Image.fromarray(pixels.squeeze(2) if pixels.shape[2] == 1 else pixels)
                picture.save(folder / name / f"{number:08d}.png")
                number += 1

    def rows(self, rows: Tensor, beside: Sequence[str], above: Sequence[str], title: str) -> Image.Image:
        """A row of images each."""
        return labelled_rows(rows, beside, above, title)

    def film(self, frames: Tensor) -> list[Image.Image]:
        """Near-square sheets."""
        return [square_sheet(frame, _FILM) for frame in frames]

    def pair(self, target: Tensor, found: Tensor, words: str) -> Image.Image:
        """Side by side."""
        return labelled_rows(torch.stack([target, found], 1), (), ("target", "reconstruction"), words, _PAIR)

    def closeness(self, target: Tensor, found: Tensor) -> str:
        """The peak signal-to-noise ratio, 10 log10(255^2 / mean squared error) in dB."""
        return f"PSNR {psnr(target, found):.2f} dB"


def psnr(target: Tensor, found: Tensor) -> float:
    """Peak signal-to-noise ratio of two uint8 images in dB; infinite where they are equal."""
    error = (target.double() - found.double()).square().mean().item()
    return 10 * math.log10(255**2 / error) if error else math.inf
