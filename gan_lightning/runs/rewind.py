"""A run that goes on from a checkpoint forgets what it recorded behind it; imports no torch."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path

from gan_lightning.files import replace_text

ROLLBACKS = "rollbacks"
"""The column that says how often a run has gone back."""


def rewind(folder: Path, step: int, trained: bool) -> None:
    """Drop from `metrics.jsonl` and `metrics.csv` what is of later iterations than `step`, or can't be read.

    Args:
        folder: the run's.
        step: iterations done; at 0 all that was recorded comes again.
        trained: whether those are all; then what was logged behind the last one's losses goes too: it comes again.
    """
    last = step or -1
    _keep_lines(folder / "metrics.jsonl", last)
    _keep_rows(folder / "metrics.csv", last)
    if trained:
        _end_with_losses(folder / "metrics.csv", step)


def damage(path: Path) -> str | None:
    """Why the rows of a `metrics.csv` can't be told by its first line, in a few words; None where they can."""
    lines = _lines(path)
    if not lines:  # it gets its columns yet
        return None
    names = _cells(lines[0])
    if "step" not in names or len(set(names)) < len(names):
        return "its first line names no column step" if "step" not in names else "its first line names a column twice"
    fitting = sum(len(_cells(line)) == len(names) for line in lines[1:])
    return (
        None if 2 * fitting >= len(lines) - 1 else f"its first line names {len(names)} columns, most rows have others"
    )


def _keep_lines(path: Path, step: int) -> None:
    if path.is_file():
        lines = _lines(path)
        _replace(path, lines, [line for line in lines if line.endswith("\n") and _line_stands(line, step)])


def _line_stands(line: str, step: int) -> bool:
    try:
        line.encode()
        found = json.loads(line)["step"]
        return found is None or bool(found <= step)  # none: of `evaluate`, not of training
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


def _keep_rows(path: Path, step: int) -> None:
    if not path.is_file():
        return
    lines = _lines(path)
    rows = [_cells(line) for line in lines]
    if not rows or "step" not in rows[0]:
        return
    width, names = len(rows[0]), rows[0]
    kept = [
        line
        for line, row in zip(lines[1:], rows[1:], strict=True)
        if line.endswith("\n") and len(row) == width and _row_stands(dict(zip(names, row, strict=True)), step)
    ]
    _replace(path, lines, [lines[0], *kept])


def _end_with_losses(path: Path, step: int) -> None:
    if not path.is_file():
        return
    lines = _lines(path)
    names, *rows = [_cells(line) for line in lines] or [[]]
    if "step" not in names:
        return
    column, losses = names.index("step"), [n for n, name in enumerate(names) if name.startswith("loss/")]
    last = [n for n, row in enumerate(rows) if float(row[column]) == step and any(row[loss] for loss in losses)]
    if last:
        _replace(path, lines, lines[: last[-1] + 2])  # and the names of the columns


def _cells(line: str) -> list[str]:
    """Of a line alone, for no cell has several; none where they can't be told."""
    try:
        line.encode()
        return next(csv.reader([line]), [])
    except (UnicodeEncodeError, csv.Error):
        return []


def _row_stands(row: Mapping[str, str], step: int) -> bool:
    """Whether it is of that many iterations or fewer; that the run has gone back there it will say once more."""
    try:
        at = float(row["step"])
    except ValueError:
        return False
    return at < step or (at == step and not row.get(ROLLBACKS))


def _lines(path: Path) -> list[str]:
    """With their ends as they are; bytes that are no text are kept as what can't be encoded."""
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        return file.readlines()


def _replace(path: Path, lines: list[str], kept: list[str]) -> None:
    if kept != lines:
        replace_text(path, "".join(kept))
