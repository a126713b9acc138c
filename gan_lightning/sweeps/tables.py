"""`results.csv`, a line a run, and `results.md`, a row a setting, best first."""

import csv
import io
from typing import Any

from gan_lightning.sweeps.groups import Group, conclusion, verdict
from gan_lightning.sweeps.naming import shown
from gan_lightning.sweeps.result import Result
from gan_lightning.sweeps.statistics import RULE, Sample

_LARGE = 1e6  # from here on with an exponent


def csv_table(result: Result) -> str:
    """A line a run, in the order they were run: what it differs in, how it ended, its last figures and their floors."""
    file = io.StringIO()
    measured = [column for name in result.figures for column in (name, f"{name} floor")]
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["run", *result.keys, "state", "seconds", *measured, "reason"])
    for row in result.rows:
        cells: list[Any] = []
        for name in result.figures:
            figure = row.figures.get(name)
            cells += ["", ""] if figure is None else [_plain(figure.value), _plain(figure.floor)]
        values = [_plain(row.values.get(key)) for key in result.keys]
        writer.writerow([row.name, *values, row.state, _plain(row.seconds), *cells, row.reason or ""])
    return file.getvalue()


def markdown(result: Result) -> str:
    """Settings, best first, with the noise between their seeds, then what failed and why."""
    lines = [f"# {_cell(result.title)}", ""]
    if result.command:
        lines += [f"Shared by all: `{result.command.replace('`', '')}`.", ""]
    if result.objective is None:
        lines += [f"{result.counts}. No figure has been measured yet.", ""]
    else:
        by = (
            f"By `{result.objective.name}`, the {result.objective.better} the better; mean ± standard error over seeds."
        )
        lines += [f"{result.counts}. {by}", ""]
    lines += [*_table(result), "", conclusion(result.groups)]
    if any(group.sample.n > 1 for group in result.groups):
        lines += ["", RULE]
    if result.failures:
        lines += ["", "Not finished:", ""]
        lines += [f"- {_cell(row.name)}: {row.state}{_because(row.reason)}" for row in result.failures]
    return "\n".join(lines) + "\n"


def number(value: float | None) -> str:
    """Four significant digits."""
    return "–" if value is None else f"{value:.4g}"


def mean_and_error(sample: Sample) -> str:
    """`0.9712 ± 0.0012`; the error with two digits, the mean with as many places."""
    if not sample.n:
        return "–"
    if sample.error is None:
        return number(sample.mean)
    if sample.error == 0:
        return f"{number(sample.mean)} ± 0"
    if max(abs(sample.mean), sample.error) >= _LARGE:
        return f"{sample.mean:.3g} ± {sample.error:.2g}"
    places = max(0, 1 - _exponent(sample.error))
    return f"{sample.mean:.{places}f} ± {sample.error:.{places}f}"


def _table(result: Result) -> list[str]:
    keys = result.setting_keys
    first, *others = result.main_figures or ["–"]
    head = [*keys, first, "against the best", "seeds", "not finished", "seconds", *others]
    lines = [_line(head), _line(["---"] * len(head))]
    for group in result.groups:
        settings = [shown(group.values.get(key, group.rows[0].name if key == "run" else None)) for key in keys]
        figures = [mean_and_error(group.mean(name)) for name in (first, *others)]
        seconds = "–" if group.seconds is None else f"{group.seconds:.0f}"
        told = [verdict(group, result.groups[0]), str(group.sample.n), _lost(group), seconds]
        lines.append(_line([*settings, figures[0], *told, *figures[1:]]))
    floors = ["" if (floor := result.floor(name)) is None else number(floor) for name in (first, *others)]
    lines.append(_line(["floor: real samples", *[""] * (len(keys) - 1), floors[0], "", "", "", "", *floors[1:]]))
    return lines


def _lost(group: Group) -> str:
    return ", ".join(f"{row.state}" + (f" (seed {row.seed})" if len(group.rows) > 1 else "") for row in group.failures)


def _because(reason: str | None) -> str:
    return "" if reason is None else f", {_cell(reason)}"


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _cell(text: str) -> str:
    """Text that is no markup, on one line."""
    for mark in "\\`*|[]":
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.replace("<", "&lt;").replace(">", "&gt;").split())


def _exponent(value: float) -> int:
    return int(f"{value:.1e}".partition("e")[2])


def _plain(value: Any) -> Any:
    return "" if value is None else value
