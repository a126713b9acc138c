"""A heat map for every pair of swept numbers: the objective, and where there is none because a run failed."""

import io
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from gan_lightning.runs.status import FINISHED
from gan_lightning.sweeps.naming import shown
from gan_lightning.sweeps.objective import Objective
from gan_lightning.sweeps.result import Result
from gan_lightning.sweeps.rows import Row
from gan_lightning.sweeps.statistics import Sample, finite
from gan_lightning.sweeps.style import GREY, INK

_MOST = 16  # values of a key; a search has as many as jobs, and no grid


def heat_maps(result: Result) -> Iterator[tuple[str, bytes]]:
    """The name and the PNG of each."""
    if result.objective is None:
        return
    for down, across in combinations(_numeric(result), 2):
        name = f"heat_map_{down}_{across}.png".replace("/", "_")
        yield name, _draw(result, result.objective, down, across)


def _numeric(result: Result) -> list[str]:
    keys = []
    for key in result.keys:
        values = [row.values.get(key) for row in result.rows]
        numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
        if numbers and key.split(".")[-1] not in ("seed", "trial") and 2 <= len(set(values)) <= _MOST:
            keys.append(key)
    return keys


def _draw(result: Result, objective: Objective, down: str, across: str) -> bytes:
    rows, columns = (sorted({row.values[key] for row in result.rows}) for key in (down, across))
    width, height = max(4.2, 2.2 + 1.05 * len(columns)), 1.6 + 0.62 * len(rows)
    figure = Figure(figsize=(width, height), dpi=150, layout="constrained")
    axes = figure.add_subplot()
    cells = {
        (i, j): _cell(result, rows[i], columns[j], down, across) for i in range(len(rows)) for j in range(len(columns))
    }
    means = {place: sample.mean for place, (sample, _) in cells.items() if sample.n}
    grid = [[means.get((i, j), float("nan")) for j in range(len(columns))] for i in range(len(rows))]
    image = axes.imshow(grid, cmap="viridis" if objective.mode == "max" else "viridis_r", aspect="auto", origin="lower")
    best = min(means, key=lambda place: objective.sign * means[place], default=None)
    low, high = min(means.values(), default=0.0), max(means.values(), default=0.0)
    for place, (sample, told) in cells.items():
        if place not in means:
            _empty(axes, place, told)
            continue
        text = f"{sample.mean:.3g}" + (f"\n± {sample.error:.1g}" if sample.error is not None else "")
        weight = "bold" if place == best else "normal"
        colour = _readable(image.cmap((means[place] - low) / (high - low or 1)))
        axes.text(place[1], place[0], text, ha="center", va="center", fontsize=9, color=colour, fontweight=weight)
    for ticks, labels, values in (
        (axes.set_xticks, axes.set_xticklabels, columns),
        (axes.set_yticks, axes.set_yticklabels, rows),
    ):
        ticks(range(len(values)))
        labels([shown(value) for value in values])
    axes.tick_params(length=0, labelsize=9, labelcolor=INK)
    axes.spines[:].set_visible(False)
    axes.set_xlabel(across, color=INK)
    axes.set_ylabel(down, color=INK)
    others = [key for key in result.keys if key not in (down, across)]
    mean = f", mean over {', '.join(others)}" if others else ""
    axes.set_title(
        f"{objective.name}{mean}\n{objective.better} is better, the best is bold", fontsize=9, color=INK, loc="left"
    )
    if means:
        bar = figure.colorbar(image, ax=axes, pad=0.02)
        bar.outline.set_visible(False)
        bar.ax.tick_params(labelsize=8, length=0, labelcolor=INK)
    file = io.BytesIO()
    FigureCanvasAgg(figure).print_png(file)
    return file.getvalue()


def _readable(back: Any) -> str:
    """Dark on light, light on dark, by the luminance that people see."""
    red, green, blue, _ = back
    return INK if 0.299 * red + 0.587 * green + 0.114 * blue > 0.55 else "white"


def _cell(result: Result, left: Any, right: Any, down: str, across: str) -> tuple[Sample, str]:
    """The objective over the runs of a cell, and what is to be said where there is none."""
    here = [row for row in result.rows if row.values[down] == left and row.values[across] == right]
    return finite([result.value(row) for row in here if row.state == FINISHED]), _why(here)


def _why(rows: Sequence[Row]) -> str:
    return ", ".join(sorted({row.state for row in rows})) or "not run"


def _empty(axes: Any, place: tuple[int, int], told: str) -> None:
    corner = (place[1] - 0.5, place[0] - 0.5)
    axes.add_patch(Rectangle(corner, 1, 1, facecolor="#f1f3f5", edgecolor="#c9ced6", hatch="///", linewidth=0))
    axes.text(
        *(place[1], place[0], told),
        **{"ha": "center", "va": "center", "fontsize": 8, "color": GREY},
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
    )
