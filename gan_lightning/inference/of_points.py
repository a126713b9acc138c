"""Points: the plane that they lie in."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, final

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from gan_lightning.data.base import Samples
from gan_lightning.drawing.plane import FAKE, INK, REAL, Plane
from gan_lightning.inference.view import View

_COLOURS = ("#1f77b4", "#e8710a", "#2ca02c", "#9467bd", "#17a2b8", "#8c564b", "#c2a500", "#e377c2")
_CLOUD = "#c9ced6"


@final
class PointView(View):
    """Points (n, 2).

    Args:
        real: points of the data, (n, 2): they set the limits, and are what samples are seen over.
        cloud: samples of the generator, (n, 2), that paths are seen over.
    """

    fineness = 24

    def __init__(self, real: Tensor, cloud: Tensor) -> None:
        self.real, self.cloud = real.numpy(), cloud.numpy()

    def overview(self, samples: Tensor, columns: int | None) -> Image.Image:
        """Real points in grey, samples in red."""
        plane = Plane(self.real, {"generated": FAKE, "real": REAL})
        plane.title.set_text(f"{len(samples):,} samples")
        plane.cloud(self.real)
        plane.cloud(samples.numpy(), FAKE, 2.8, 0.7)
        return plane.picture()

    def write_files(self, blocks: Iterable[Samples], folder: Path) -> None:
        """`samples.npy`, float32 (n, 2), and a picture of them, `samples.png`."""
        samples = torch.cat([block.values for block in blocks])
        np.save(folder / "samples.npy", samples.numpy())
        self.overview(samples, None).save(folder / "samples.png")

    def rows(self, rows: Tensor, beside: Sequence[str], above: Sequence[str], title: str) -> Image.Image:
        """Paths with a dot at each step and a ring at the first, over samples."""
        plane = self._over_samples(self.real, {})
        plane.title.set_text(title)
        for row, path in enumerate(rows.numpy()):
            self._path(plane, path, _colour(row))
        if beside:
            lines = plane.axes.get_lines()[1::3]  # the cloud comes first, and a path has three
            plane.axes.legend(lines, beside, loc="best", framealpha=0.8, edgecolor="none", labelcolor=INK, fontsize=11)
        return plane.picture()

    def film(self, frames: Tensor) -> list[Image.Image]:
        """Dots that go along their paths."""
        plane = self._over_samples(self.real, {})
        for row, path in enumerate(frames.transpose(0, 1).numpy()):
            plane.axes.plot(*path.T, color=_colour(row), linewidth=1, alpha=0.5)
        colours = [_colour(row) for row in range(frames.shape[1])]
        x, y = frames[0].numpy().T
        dots = plane.axes.scatter(x, y, s=60, c=colours, zorder=3)
        pictures = []
        for frame in frames.numpy():
            dots.set_offsets(frame)
            pictures.append(plane.picture())
        return pictures

    def pair(self, target: Tensor, found: Tensor, words: str) -> Image.Image:
        """A cross at the target and a dot at what was found, over samples."""
        extent = np.concatenate([self.real, target.numpy(), found.numpy()])
        plane = self._over_samples(extent, {"nearest": FAKE, "target": INK})
        plane.title.set_text(words)
        plane.cloud(found.numpy(), FAKE, 9)
        cross: dict[str, Any] = {"marker": "+", "markersize": 20, "markeredgewidth": 1.8}
        plane.axes.plot(*target.numpy().T, color=INK, **cross)
        return plane.picture()

    def closeness(self, target: Tensor, found: Tensor) -> str:
        """The distance in the data's units."""
        return f"distance {(target - found).norm().item():.4g}"

    def _over_samples(self, extent: np.ndarray, key: dict[str, str]) -> Plane:
        plane = Plane(extent, key)
        plane.cloud(self.cloud, _CLOUD, 3.5)
        return plane

    def _path(self, plane: Plane, path: np.ndarray, colour: str) -> None:
        plane.axes.plot(*path.T, color=colour, linewidth=1.2)
        plane.cloud(path[:: self.fineness], colour, 5)
        plane.axes.plot(*path[0], marker="o", markersize=9, markerfacecolor="none", color=colour)


def _colour(row: int) -> str:
    return _COLOURS[row % len(_COLOURS)]
