"""`report.html`: the whole result in one file that opens from disk and asks nothing of the network."""

import base64
import json
from collections.abc import Sequence
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from gan_lightning.sweeps.groups import Group, conclusion, verdict
from gan_lightning.sweeps.naming import shown
from gan_lightning.sweeps.result import Result
from gan_lightning.sweeps.rows import Row, differences
from gan_lightning.sweeps.sheet import thumbnail
from gan_lightning.sweeps.statistics import RULE
from gan_lightning.sweeps.tables import mean_and_error, number

_SIDE = 300  # pixels of a sheet of samples on the page
_NAMED = 12  # lines in the legend


def page(result: Result, maps: dict[str, bytes]) -> str:
    """The page.

    Args:
        result: what it is of.
        maps: heat maps, PNGs by name.
    """
    template = Template(_asset("page.html"))
    lines = _lines(result)
    return template.substitute(
        title=escape(result.title),
        style=_asset("page.css"),
        script=_asset("page.js"),
        lead=_lead(result),
        conclusion=escape(conclusion(result.groups)),
        rule=escape(RULE) if any(group.sample.n > 1 for group in result.groups) else "",
        filter=_FILTER,
        settings=_settings(result),
        failures=_failures(result),
        curves=_curves(result, lines),
        maps=_maps(maps),
        samples=_samples(result),
        runs=_runs(result),
        differences=_differences(result),
        data=embedded(_data(result, lines)),
    )


def embedded(data: Any) -> str:
    """JSON that can stand in a script element: nothing in it can end the element."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


_FILTER = (
    '<div class="filter"><label for="filter">Filter</label>'
    '<input id="filter" type="search" placeholder="n_critic=5 finished" autocomplete="off">'
    '<span id="count" class="small" aria-live="polite"></span></div>'
)


@cache
def _asset(name: str) -> str:
    return (files("gan_lightning.sweeps") / "assets" / name).read_text()


def _lead(result: Result) -> str:
    lines = []
    if result.command:
        lines.append(f"<p>Shared by all: <code>{escape(result.command)}</code></p>")
    told = result.counts
    if result.objective is None:
        lines.append(f"<p>{told}. No figure has been measured yet.</p>")
    else:
        name = f"<code>{escape(result.objective.name)}</code>"
        floor = result.floor(result.objective.name)
        reached = "" if floor is None else f" Real samples reach {number(floor)}."
        lines.append(f"<p>{told}. Compared by {name}, the {result.objective.better} the better.{reached}</p>")
    return "\n".join(lines)


def _settings(result: Result) -> str:
    keys = result.setting_keys
    first, *others = result.main_figures or ["–"]
    head = [*keys, first, "against the best", "seeds", "not finished", "seconds", *others]
    numeric = {first, *others, "seeds", "seconds"} | {key for key in keys if _is_numeric(result, key)}
    lines = []
    for rank, group in enumerate(result.groups):
        values = [group.values.get(key, group.rows[0].name if key == "run" else None) for key in keys]
        cells = [_value_cell(value, key in numeric) for key, value in zip(keys, values, strict=True)]
        cells.append(_mean_cell(group, first))
        cells.append(_cell(verdict(group, result.groups[0])))
        cells.append(_cell(str(group.sample.n), group.sample.n, True))
        cells.append(_states(group.failures))
        seconds = group.seconds
        cells.append(_cell("–" if seconds is None else f"{seconds:,.0f}", "" if seconds is None else seconds, True))
        cells += [_mean_cell(group, name) for name in others]
        kind = ' class="best"' if rank == 0 and group.sample.n else ""
        lines.append(f'<tr data-rank="{rank}" data-text="{escape(_text(group))}"{kind}>{"".join(cells)}</tr>')
    floors = [f'<td class="number">{number(result.floor(name))}</td>' for name in (first, *others)]
    told = f'<td colspan="{len(keys)}">floor: real samples</td>{floors[0]}<td colspan="4"></td>{"".join(floors[1:])}'
    table = _table("settings", head, numeric, lines, f"<tr>{told}</tr>")
    order = "descending" if result.objective is not None and result.objective.mode == "max" else "ascending"
    best_first = f'aria-sort="{order}" scope="col" class="number"><button type="button">{escape(first)}<'
    return table.replace(best_first.replace(order, "none", 1), best_first)


def _runs(result: Result) -> str:
    head = ["run", "state", "seconds", *result.figures, "reason"]
    numeric = {*result.figures, "seconds"}
    lines = []
    for row in result.rows:
        cells = [_cell(row.name), f'<td class="state-{escape(row.state)}">{escape(row.state)}</td>']
        cells.append(_cell(number(row.seconds), "" if row.seconds is None else row.seconds, True))
        for name in result.figures:
            value = row.figures[name].value if name in row.figures else None
            told = "not finite" if value is None and name in row.figures else number(value)
            cells.append(_cell(told, "" if value is None else value, True))
        cells.append(f'<td class="reason">{escape(row.reason or "")}</td>')
        lines.append(f'<tr data-text="{escape(_run_text(row))}">{"".join(cells)}</tr>')
    return _table("runs", head, numeric, lines)


def _table(name: str, head: Sequence[str], numeric: set[str], lines: Sequence[str], foot: str = "") -> str:
    cells = [_head(title, title in numeric) for title in head]
    footer = f"<tfoot>{foot}</tfoot>" if foot else ""
    return (
        f'<table id="{name}" class="sortable"><thead><tr>{"".join(cells)}</tr></thead>'
        f"<tbody>\n{chr(10).join(lines)}\n</tbody>{footer}</table>"
    )


def _head(title: str, numeric: bool) -> str:
    kind = ' class="number"' if numeric else ""
    return f'<th aria-sort="none" scope="col"{kind}><button type="button">{escape(title)}</button></th>'


def _failures(result: Result) -> str:
    if not result.failures:
        return ""
    items = [
        f'<li data-text="{escape(_run_text(row))}"><b>{escape(row.name)}</b>: '
        f'<span class="state-{escape(row.state)}">{escape(row.state)}</span>'
        f"{escape(', ' + row.reason) if row.reason else ''}</li>"
        for row in result.failures
    ]
    return _section("Not finished", f'<ul class="lost">{"".join(items)}</ul>')


def _curves(result: Result, lines: Sequence[dict[str, Any]]) -> str:
    if not lines:
        return ""
    buttons = "".join(
        f'<button type="button" data-axis="{axis}" aria-pressed="{pressed}">{label}</button>'
        for axis, pressed, label in (("step", "true", "iterations"), ("seconds", "false", "seconds"))
    )
    drawn = {line["rank"] for line in lines}
    legend = "".join(
        f'<li data-text="{escape(_text(group))}"><button type="button" data-rank="{rank}"><i></i>{escape(group.label)}'
        "</button></li>"
        for rank, group in enumerate(result.groups[:_NAMED])
        if rank in drawn
    )
    body = (
        f'<div class="choice" role="group" aria-label="Axis">{buttons}</div>'
        '<div class="plot" id="plot"><div class="tip" hidden></div></div>'
        f'<ul class="legend">{legend}</ul>'
        '<p class="small">A line a run; point at one for its figures. Dashed lines are of runs that did not finish.</p>'
    )
    return _section("Quality on its way", body)


def _maps(maps: dict[str, bytes]) -> str:
    if not maps:
        return ""
    figures = "".join(
        f'<figure><img alt="{escape(name.removesuffix(".png").replace("_", " "))}" src="{_uri(png, "png")}"></figure>'
        for name, png in maps.items()
    )
    return _section("Heat maps", f'<div class="maps">{figures}</div>')


def _samples(result: Result) -> str:
    figures = []
    for group in result.groups:
        picture = group.example.picture
        if picture is None:
            continue
        caption = f"<b>{escape(group.label)}</b><br>{mean_and_error(group.sample)}"
        if not group.finished:
            caption += f' <span class="state-failed">{escape(group.example.state)}</span>'
        image = f'<img alt="samples of {escape(group.label)}" src="{_uri(thumbnail(picture, _SIDE), "jpeg")}">'
        figures.append(f'<figure data-text="{escape(_text(group))}">{image}<figcaption>{caption}</figcaption></figure>')
    return _section("Samples at the end", f'<div class="sheet">{"".join(figures)}</div>') if figures else ""


def _differences(result: Result) -> str:
    """Each setting's config against the first run's."""
    known = [group.example for group in result.groups if group.example.config]
    if len(known) < 2:
        return ""
    first = next(row for row in result.rows if row.config)
    parts = []
    for row in (row for row in known if row is not first):
        lines = [
            f"<tr><td>{escape(key)}</td><td>{_setting(first, key)}</td><td>{_setting(row, key)}</td></tr>"
            for key in differences([first.config, row.config])
        ]
        names = f"<th>key</th><th>{escape(first.name)}</th><th>{escape(row.name)}</th>"
        head = f"<thead><tr>{names}</tr></thead>"
        parts.append(
            f'<details data-text="{escape(_run_text(row))}"><summary>{escape(row.name)}</summary>'
            f'<div class="wide"><table class="plain">{head}<tbody>{"".join(lines)}</tbody></table></div></details>'
        )
    return _section(
        "Configs, as differences from the first", f"<p>The first is {escape(first.name)}.</p>{''.join(parts)}"
    )


def _section(title: str, body: str) -> str:
    return f"<section>\n<h2>{escape(title)}</h2>\n{body}\n</section>"


def _data(result: Result, lines: Sequence[dict[str, Any]]) -> dict[str, Any]:
    objective, curve = result.objective, result.curve
    return {
        "objective": None if curve is None else curve.name,
        "mode": "min" if objective is None else objective.mode,
        "floor": None if curve is None else curve.floor,
        "lines": lines,
    }


def _lines(result: Result) -> list[dict[str, Any]]:
    if result.objective is None:
        return []
    lines = []
    for rank, group in enumerate(result.groups):
        for row in group.rows:
            points = [
                {"step": point.step, "seconds": point.elapsed, "value": point.value}
                for point in row.curve(result.objective.name).points
            ]
            if len(points) > 1:
                told = {"name": row.name, "text": _run_text(row), "rank": rank, "state": row.state}
                lines.append({**told, "points": points})
    return lines


def _mean_cell(group: Group, figure: str) -> str:
    sample = group.mean(figure)
    return _cell(mean_and_error(sample), sample.mean if sample.n else "", True)


def _value_cell(value: Any, numeric: bool) -> str:
    plain = value if isinstance(value, int | float) and not isinstance(value, bool) else shown(value)
    return _cell(shown(value), plain, numeric)


def _cell(text: str, value: Any = None, numeric: bool = False) -> str:
    kind = ' class="number"' if numeric else ""
    data = "" if value is None else f' data-value="{escape(str(value))}"'
    return f"<td{kind}{data}>{escape(text)}</td>"


def _states(rows: Sequence[Row]) -> str:
    marks = [f'<span class="state-{escape(row.state)}">{escape(row.state)}</span>' for row in rows]
    return f"<td>{', '.join(marks)}</td>"


def _text(group: Group) -> str:
    """What the filter looks at."""
    return " ".join(_run_text(row) for row in group.rows)


def _run_text(row: Row) -> str:
    values = " ".join(f"{name}={shown(value)}" for name, value in row.values.items())
    return f"{row.name} {values} {row.state}"


def _setting(row: Row, key: str) -> str:
    return escape(shown(row.config[key])) if key in row.config else "–"


def _is_numeric(result: Result, key: str) -> bool:
    values = [row.values.get(key) for row in result.rows]
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _uri(content: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
