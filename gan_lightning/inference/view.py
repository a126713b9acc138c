"""How samples are shown, read and compared: one way for images, one for points in the plane."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from pathlib import Path

from PIL import Image
from torch import Tensor

from gan_lightning.data.base import Samples


class View(ABC):
    """Pictures of samples in stored units: uint8 images (n, C, S, S), or points (n, 2)."""

    fineness: int
    """Samples from one step of a row to the next; the steps alone are shown as such."""

    @abstractmethod
    def overview(self, samples: Tensor, columns: int | None) -> Image.Image:
        """All samples in one picture, row by row in so many columns where there are rows; None leaves it open."""

    @abstractmethod
    def write_files(self, blocks: Iterable[Samples], folder: Path) -> None:
        """Samples, block by block, as files in a folder that is there."""

    @abstractmethod
    def rows(self, rows: Tensor, beside: Sequence[str], above: Sequence[str], title: str) -> Image.Image:
        """Rows (R, fineness * (S - 1) + 1, ...) with words beside each row and above each of its S steps."""

    @abstractmethod
    def film(self, frames: Tensor) -> list[Image.Image]:
        """A picture of each frame; frames (F, R, ...) hold a sample of each row."""

    @abstractmethod
    def pair(self, target: Tensor, found: Tensor, words: str) -> Image.Image:
        """A target and what was found for it, both (1, ...), with a line about them."""

    @abstractmethod
    def closeness(self, target: Tensor, found: Tensor) -> str:
        """How near they are, both (1, ...), in words."""
