"""What a run has logged, as one page of small panels."""

import csv
import math
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, final

import numpy as np
from lightning import Callback, LightningModule, Trainer
from lightning.pytorch.loggers import CSVLogger
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from gan_lightning.errors import UsageError
from gan_lightning.files import unfinished

_FAMILIES = ("loss", "score", "accuracy", "wasserstein", "slope", "penalty", "gradient_norm")  # the game's, in order
_MEMBERS = ("real", "fake_before", "fake_after")
_WEIGHTS = ("ema", "raw")
_MANY = "label_share_"  # one figure a class
_LONG = 20  # characters of a title that leave room for the lines' names
_COLUMNS = 3
_POINTS = 40  # longer curves are smoothed, by a running mean over that part of them
_FALL = 30  # what falls by more is shown on a logarithmic axis
_INK, _RULE = "#39424e", "#e6e9ed"
_BLUE, _RED, _GREY, _ORANGE = "#2f6fb0", "#d81b60", "#5b6573", "#e08a2e"
_COLOURS = {
    "discriminator": _BLUE,
    "generator": _RED,
    "real": _GREY,
    "fake": _RED,
    "fake before": _ORANGE,
    "fake after": _RED,
    "ema": _RED,
    "raw": _GREY,
}
_SPARE = (_BLUE, _RED, "#2a9d8f", _ORANGE, "#7b61c4", _GREY)


class Curve(NamedTuple):
    """One column of the log, without its empty cells."""

    steps: np.ndarray
    """Iterations, ascending, (N,)."""
    values: np.ndarray
    """Finite, (N,)."""


Panels: TypeAlias = dict[str, dict[str, Curve]]
"""Curves by the panel's title, then by the line's label, both in the order to show them in."""


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
        self._page: _Page | None = None

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
        panels = arrange(read_curves(self.folder / "metrics.csv"))
        if panels:
            if self._page is None or not self._page.fits(panels):
                self._page = _Page(panels)
            self._page.draw(panels, self.folder / "curves.png")


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


def arrange(curves: dict[str, Curve]) -> Panels:
    """The panels that columns belong to: the game, then the evaluation, what isn't known, and the learning rates.

    A figure that was measured once is no curve, and the shares of single classes are left to TensorBoard.
    """
    panels: Panels = {}
    for name in sorted(curves, key=_place):
        family, _, member = name.partition("/")
        if family in _WEIGHTS and (len(curves[name].steps) < 2 or member.startswith(_MANY)):
            continue
        title, label = (member, family) if family in _WEIGHTS else (family, member)
        if family == "penalty":
            title = f"{member} penalty"
        panels.setdefault(title.replace("_", " "), {})[label.replace("_", " ")] = curves[name]
    return panels


def _place(name: str) -> tuple[int, str, int, str]:
    family, _, member = name.partition("/")
    if family in _WEIGHTS:
        return len(_FAMILIES), member, 0, family  # both weights of one figure together
    last = len(_FAMILIES) + (2 if family == "learning_rate" else 1)
    family_place = _FAMILIES.index(family) if family in _FAMILIES else last
    return family_place, family, _MEMBERS.index(member) if member in _MEMBERS else len(_MEMBERS), member


class _Page:
    """A figure, 1000 px wide, whose lines are moved: laying it out anew takes longer than drawing it."""

    def __init__(self, panels: Panels) -> None:
        rows = math.ceil(len(panels) / _COLUMNS)
        height = 2 * rows + 0.3  # inches
        self.canvas = FigureCanvasAgg(Figure(figsize=(10, height), dpi=100))
        figure = self.canvas.figure
        figure.subplots_adjust(0.06, 0.45 / height, 0.985, 1 - 0.3 / height, wspace=0.24, hspace=0.3)
        self.panels = {
            title: _Panel(figure.add_subplot(rows, _COLUMNS, place), title, list(lines))
            for place, (title, lines) in enumerate(panels.items(), start=1)
        }
        for panel in list(self.panels.values())[-_COLUMNS:]:
            panel.axes.tick_params(labelbottom=True)
            panel.axes.set_xlabel("iteration", fontsize=8, color=_INK)

    def fits(self, panels: Panels) -> bool:
        """Whether these panels have the very lines of this page."""
        return {title: list(lines) for title, lines in panels.items()} == {
            title: list(panel.lines) for title, panel in self.panels.items()
        }

    def draw(self, panels: Panels, file: Path) -> None:
        """Write the page with these curves."""
        last = max(float(curve.steps[-1]) for lines in panels.values() for curve in lines.values())
        for title, lines in panels.items():
            self.panels[title].update(lines, last)
        with unfinished(file) as part:
            self.canvas.print_png(part, pil_kwargs={"compress_level": 1})  # the default takes half as long as drawing


class _Panel:
    """Axes with a line, and a pale one for what it smooths, for every label."""

    def __init__(self, axes: Axes, title: str, labels: list[str]) -> None:
        self.axes, self.title = axes, title
        self.lines, self.raw = {}, {}
        for i, label in enumerate(labels):
            colour = _COLOURS.get(label, _SPARE[i % len(_SPARE)])
            (self.raw[label],) = axes.plot([], [], color=colour, linewidth=0.6, alpha=0.25)
            (self.lines[label],) = axes.plot([], [], color=colour, linewidth=1.4, markersize=2.5, label=label)
        axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.tick_params(labelsize=8, labelcolor=_INK, color=_RULE, labelbottom=False, which="both")
        axes.grid(color=_RULE, linewidth=0.8)
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["bottom", "left"]].set_color(_RULE)
        axes.set_title(
            title, loc="left", y=1.03, pad=0, fontsize=10 if len(title) <= _LONG else 8, color=_INK, fontweight="bold"
        )
        if len(labels) > 1:  # each name in its line's colour, beside the title while they are few
            beside: dict[str, Any] = {"loc": "lower right", "bbox_to_anchor": (1, 1.01), "ncol": len(labels)}
            axes.legend(
                **(beside if len(labels) <= 3 else {"loc": "upper right"}),
                **{"fontsize": 8, "labelcolor": "linecolor", "frameon": False, "handlelength": 0},
                **{"handletextpad": 0, "columnspacing": 1, "borderaxespad": 0, "borderpad": 0.2},
            )

    def update(self, curves: dict[str, Curve], last: float) -> None:
        """Show these curves, on an axis that ends at iteration `last`."""
        extremes: list[float] = []
        falls = False
        for label, (steps, values) in curves.items():
            trend = _trend(values)
            self.lines[label].set_data(steps, trend)
            self.lines[label].set_marker("o" if len(trend) <= _POINTS else "")
            self.raw[label].set_data(steps, values)
            self.raw[label].set_visible(trend is not values)
            extremes += [trend.min(), trend.max()]
            if trend is not values:
                extremes += [*np.percentile(values, (1, 99))]  # a spike must not flatten the rest
            falls |= self.title != "learning rate" and trend[0] > _FALL * trend[-1]
        self.axes.set_xlim(0, max(last, 1))
        self._scale(min(extremes), max(extremes), falls)

    def _scale(self, low: float, high: float, falls: bool) -> None:
        scale = "log" if falls and low > 0 else "linear"
        if scale != self.axes.get_yscale():
            self.axes.set_yscale(scale)
        if scale == "log":
            self.axes.set_ylim(low / 1.3, high * 1.3)
        else:
            margin = 0.06 * (high - low) or 0.06 * abs(high) or 1.0
            self.axes.set_ylim(low - margin, high + margin)
            self.axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))


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
