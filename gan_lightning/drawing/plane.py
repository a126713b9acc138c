"""The plane that points lie in: one layout for every picture of points."""

from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

INK = "#39424e"
REAL, FAKE = "#8b94a1", "#d81b60"
_REAL_DOT = "#a0a8b4"
_MARGIN = 1.3  # of the points' extent
DOT: dict[str, Any] = {"marker": "o", "linestyle": "", "markeredgewidth": 0}
"""How a cloud of points is drawn."""


class Plane:
    """A square figure of 600 px with a title and a key, whose axes hold what is drawn.

    Args:
        extent: points (n, 2) that set the limits: their extent and a margin of 30 %.
        key: words on the right of the title with their colours, from right to left.
    """

    def __init__(self, extent: np.ndarray, key: dict[str, str]) -> None:
        low, high = extent.min(0), extent.max(0)
        centre, half = (low + high) / 2, float((high - low).max()) / 2 * _MARGIN
        self.limits = [(float(c) - half, float(c) + half) for c in centre]
        self.canvas = FigureCanvasAgg(Figure(figsize=(6, 6), dpi=100))
        self.axes = self.canvas.figure.add_axes((0.075, 0.06, 0.9, 0.87), xlim=self.limits[0], ylim=self.limits[1])
        self.axes.set_aspect("equal")
        self.axes.locator_params(nbins=5)
        self.axes.tick_params(length=0, labelsize=9, labelcolor=REAL)
        self.axes.spines[:].set_color("#d5d9df")
        self.title = self.axes.text(0, 1.02, "", color=INK, fontsize=14, transform=self.axes.transAxes)
        right = 1.0
        for word, colour in key.items():
            settings: dict[str, Any] = {"fontsize": 12, "ha": "right", "transform": self.axes.transAxes}
            self.axes.text(right, 1.02, word, color=colour, **settings)
            right -= 0.0205 * len(word) + 0.0255

    def cloud(self, points: np.ndarray, colour: str = _REAL_DOT, size: float = 5.5, alpha: float = 1.0) -> Any:
        """Draw points (n, 2) as dots; the artist, which `set_data` moves."""
        (artist,) = self.axes.plot(*points.T, color=colour, markersize=size, alpha=alpha, **DOT)
        return artist

    def picture(self) -> Image.Image:
        """What is drawn by now, 600 x 600 px, RGB."""
        return to_picture(self.canvas)


def to_picture(canvas: FigureCanvasAgg) -> Image.Image:
    """A figure as it is by now, RGB."""
    canvas.draw()
    return Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
