"""What a run has logged, as one page of small panels."""

import csv
import math
from pathlib import Path
from typing import NamedTuple, final

import numpy as np
from lightning import Callback, LightningModule, Trainer
from lightning.pytorch.loggers import CSVLogger
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from gan_lightning.errors import UsageError

_COLUMNS = 3
_POINTS = 40  # longer curves are smoothed, by a running mean over that part of them
_FALL = 30  # what falls by more is shown on a logarithmic axis
_INK, _GRID = "#39424e", "#e6e9ed"
_DISCRIMINATOR, _GENERATOR, _REAL, _BEFORE = "#2f6fb0", "#d81b60", "#5b6573", "#f0a35e"
_COLOURS = {
    "discriminator": _DISCRIMINATOR,
    "generator": _GENERATOR,
    "real": _REAL,
    "fake": _GENERATOR,
    "fake_before": _BEFORE,
    "fake_after": _GENERATOR,
    "ema": _GENERATOR,
    "raw": _REAL,
}
_OTHERS = ("#2f6fb0", "#d81b60", "#2a9d8f", "#f0a35e", "#7b61c4", "#5b6573")
_ORDER = ("loss", "score", "accuracy", "wasserstein", "slope", "penalty", "gradient_norm")
_WEIGHTS = ("ema", "raw")


class Curve(NamedTuple):
    """One column of the log, without its empty cells."""

    steps: np.ndarray
    """Iterations, ascending, (N,)."""
    values: np.ndarray
    """Finite, (N,)."""


@final
class Curves(Callback):
    """Draws `curves.png` from `metrics.csv`: at every `every` iterations, and when everything is logged at the end.

    Columns that share the part before the slash share a panel, except that each penalty has its own, and each
    evaluation figure has one for the averaged (`ema/`) and the raw generator together.

    Args:
        folder: of the run, where a `CSVLogger` writes.
        every: iterations between two drawings, at least 1.

    Raises:
        UsageError: `every` is below 1.
    """

    def __init__(self, folder: str, every: int) -> None:
        if every < 1:
            raise UsageError(f"callbacks.curves.every is {every}: set it to 1 or more")
        self.folder = Path(folder)
        self.every = every

    def on_train_batch_end(
        self, trainer: Trainer, module: LightningModule, outputs: object, batch: object, batch_idx: int
    ) -> None:
        """Draw if the iteration is one of those asked for."""
        if trainer.global_step % self.every == 0:
            self._draw(trainer)

    def on_fit_end(self, trainer: Trainer, module: LightningModule) -> None:
        """Draw with what the other callbacks logged at the end of training."""
        self._draw(trainer)

    def _draw(self, trainer: Trainer) -> None:
        if not trainer.is_global_zero:
            return
        for logger in trainer.loggers:
            if isinstance(logger, CSVLogger):
                logger.save()
        curves = read_curves(self.folder / "metrics.csv")
        if curves:
            draw_curves(curves, self.folder / "curves.png")


def read_curves(file: Path) -> dict[str, Curve]:
    """The curves of Lightning's `metrics.csv` by column, none if there is no file.

    Cells that are empty or not finite are left out; of two rows of one step, as a resumed run leaves them, the later
    one counts.
    """
    cells: dict[str, dict[int, float]] = {}
    if file.exists():
        with file.open(newline="") as lines:
            for row in csv.DictReader(lines):
                step = int(row.pop("step"))
                for name, cell in row.items():
                    if cell and name != "epoch" and math.isfinite(float(cell)):
                        cells.setdefault(name, {})[step] = float(cell)
    return {name: Curve(*np.array(sorted(points.items())).T) for name, points in cells.items()}


def draw_curves(curves: dict[str, Curve], file: Path) -> None:
    """Write the page of panels, about 1000 px wide."""
    panels = group(curves)
    rows = math.ceil(len(panels) / _COLUMNS)
    figure = Figure(figsize=(3.4 * _COLUMNS, 2.3 * rows), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    last = max(float(curve.steps[-1]) for curve in curves.values())
    for position, (title, lines) in enumerate(panels.items(), start=1):
        _draw_panel(figure.add_subplot(rows, _COLUMNS, position), title, lines, last)
    figure.savefig(file)


def group(curves: dict[str, Curve]) -> dict[str, dict[str, Curve]]:
    """Panels in reading order: title to label to curve."""
    panels: dict[str, dict[str, Curve]] = {}
    for name in sorted(curves, key=_rank):
        family, _, member = name.partition("/")
        if family in _WEIGHTS:
            title, label = member, family
        elif family == "penalty":
            title, label = f"penalty {member}", member
        else:
            title, label = family.replace("_", " "), member
        panels.setdefault(title, {})[label] = curves[name]
    return panels


def _rank(name: str) -> tuple[int, str, str]:
    family, _, member = name.partition("/")
    if family in _WEIGHTS:
        return len(_ORDER), member, family  # both weights of one figure side by side
    if family == "learning_rate":
        return len(_ORDER) + 2, family, member
    return (_ORDER.index(family) if family in _ORDER else len(_ORDER) + 1), family, member


def _draw_panel(axes: Axes, title: str, lines: dict[str, Curve], last: float) -> None:
    extremes: list[float] = []
    falls = False
    for (label, curve), spare in zip(lines.items(), _OTHERS * len(lines), strict=False):
        colour = _COLOURS.get(label, spare)
        trend = _trend(curve.values)
        if trend is curve.values:
            marker = "o" if len(trend) <= _POINTS else ""
            axes.plot(curve.steps, trend, color=colour, linewidth=1.3, marker=marker, markersize=2.5, label=label)
        else:
            axes.plot(curve.steps, curve.values, color=colour, linewidth=0.6, alpha=0.25)
            axes.plot(curve.steps, trend, color=colour, linewidth=1.3, label=label)
            extremes += [*np.percentile(curve.values, (1, 99))]  # a spike must not flatten the rest
        extremes += [trend.min(), trend.max()]
        falls |= trend.min() > 0 and trend[0] > _FALL * trend[-1] and "learning" not in title
    low, high = min(extremes), max(extremes)
    if falls and low > 0:
        axes.set_yscale("log")
        axes.set_ylim(low / 1.3, high * 1.3)
    else:
        margin = 0.06 * (high - low) or 0.06 * abs(high) or 1.0
        axes.set_ylim(low - margin, high + margin)
    axes.set_xlim(0, max(last, 1))
    axes.locator_params(axis="x", nbins=5)
    axes.set_title(title, loc="left", fontsize=10, color=_INK, fontweight="bold")
    axes.set_xlabel("iteration", fontsize=8, color=_INK)
    axes.tick_params(labelsize=8, labelcolor=_INK, color=_GRID, which="both")
    axes.grid(color=_GRID, linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["bottom", "left"]].set_color(_GRID)
    if len(lines) > 1:
        axes.legend(
            loc="lower right", bbox_to_anchor=(1.02, 0.99), ncol=len(lines), fontsize=8, frameon=False,
            handlelength=1, handletextpad=0.4, columnspacing=0.9, borderaxespad=0, labelcolor=_INK,
        )


def _trend(values: np.ndarray) -> np.ndarray:
    """The running mean of a long and noisy curve (N,), of any other the curve itself.

    The window shrinks towards both ends, so that it stays centred and the ends aren't pulled inwards.
    """
    half = len(values) // _POINTS
    if not half:
        return values
    places = np.arange(len(values))
    reach = np.minimum(half, np.minimum(places, len(values) - 1 - places))
    sums = np.concatenate([[0.0], np.cumsum(values)])
    trend = (sums[places + reach + 1] - sums[places - reach]) / (2 * reach + 1)
    return trend if np.std(values - trend) > 0.01 * np.ptp(values) else values
