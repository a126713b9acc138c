"""Quality on its way, against iterations and against seconds."""

import io
from collections.abc import Callable, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from gan_lightning.sweeps.groups import Group
from gan_lightning.sweeps.objective import Objective
from gan_lightning.sweeps.result import Result
from gan_lightning.sweeps.rows import Point
from gan_lightning.sweeps.style import COLOURS, INK, RULE, plain

_SHOWN = 10  # settings in colour with a name; more can't be told apart
_FALL = 10  # what spans more is shown on a logarithmic axis


def curve_pictures(result: Result) -> dict[str, bytes]:
    """PNGs by name: none where nothing was measured twice."""
    if result.objective is None:
        return {}
    pictures = {}
    for name, label, place in (
        ("curves_iterations.png", "iteration", lambda point: float(point.step)),
        ("curves_seconds.png", "seconds", lambda point: point.elapsed),
    ):
        picture = _draw(result, result.objective, label, place)
        if picture is not None:
            pictures[name] = picture
    return pictures


def _draw(result: Result, objective: Objective, label: str, place: Callable[[Point], float | None]) -> bytes | None:
    figure = Figure(figsize=(9, 4.6), dpi=130, layout="constrained")
    axes = figure.add_subplot()
    drawn: list[float] = []
    for rank, group in reversed(list(enumerate(result.groups))):
        drawn += _lines(axes, rank, group, objective, place)
    if not drawn:
        return None
    assert result.curve is not None
    floor = result.curve.floor
    if floor is not None:
        axes.axhline(floor, color=INK, linewidth=1, linestyle=":", zorder=1)
        place_of: Any = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "xytext": (0, 3)}
        axes.annotate("floor: real samples", (0.995, floor), ha="right", fontsize=8, color=INK, **place_of)
    low, high = min(drawn), max(drawn)
    if low > 0 and high > _FALL * low and objective.mode == "min":
        axes.set_yscale("log")
    plain(axes)
    axes.set_xlabel(label, color=INK)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    more = len(result.groups) - _SHOWN
    rest = f"; the {more} behind the first {_SHOWN} in grey" if more > 0 else ""
    axes.set_title(f"{result.curve.name}, {objective.better} is better{rest}", loc="left", fontsize=10, color=INK)
    handles, labels = axes.get_legend_handles_labels()
    if len(labels) > 1:
        side: Any = {"loc": "center left", "bbox_to_anchor": (1.01, 0.5), "frameon": False, "fontsize": 8}
        axes.legend(handles[::-1], labels[::-1], labelcolor=INK, **side)
    file = io.BytesIO()
    FigureCanvasAgg(figure).print_png(file)
    return file.getvalue()


def _lines(
    axes: Axes, rank: int, group: Group, objective: Objective, place: Callable[[Point], float | None]
) -> Sequence[float]:
    """A line a run, all of a setting in one colour; returns the values drawn."""
    values: list[float] = []
    for row in group.rows:
        points = [(place(point), point.value) for point in row.curve(objective.name).points]
        known = [(x, y) for x, y in points if x is not None]
        if len(known) < 2:
            continue
        shown = rank < _SHOWN
        label = group.label if shown and not values else None
        colour = COLOURS[rank % len(COLOURS)] if shown else RULE
        style = "-" if row in group.finished else "--"
        axes.plot(
            [x for x, _ in known],
            [y for _, y in known],
            color=colour,
            linestyle=style,
            linewidth=1.4,
            label=label,
            zorder=3 if shown else 2,
        )
        values += [y for _, y in known]
    return values
