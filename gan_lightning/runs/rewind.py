"""A run that goes on from a checkpoint forgets what it recorded behind it; imports no torch."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path

from gan_lightning.files import replace_text

ROLLBACKS = "rollbacks"
"""The column that says how often a run has gone back."""


def rewind(folder: Path, step: int, trained: bool) -> None:
    """Drop from `metrics.jsonl` and `metrics.csv` what is of later iterations than `step`, or was left unfinished.

    Args:
        folder: the run's.
        step: iterations done.
        trained: whether those are all; then what was logged behind the last one's losses goes too: it comes again.
    """
    _keep_lines(folder / "metrics.jsonl", step)
    _keep_rows(folder / "metrics.csv", step)
    if trained:
        _end_with_losses(folder / "metrics.csv", step)


def _keep_lines(path: Path, step: int) -> None:
    if path.is_file():
        lines = _lines(path)
        _replace(path, lines, [line for line in lines if line.endswith("\n") and _line_stands(line, step)])


def _line_stands(line: str, step: int) -> bool:
    try:
        found = json.loads(line)["step"]
    except (ValueError, KeyError, TypeError):
        return False
    return found is None or found <= step  # none: of `evaluate`, not of training


def _keep_rows(path: Path, step: int) -> None:
    if not path.is_file():
        return
    lines = _lines(path)
    rows = list(csv.reader(lines))
    if not rows or "step" not in rows[0]:
        return
    width, names = len(rows[0]), rows[0]
    kept = [
        line
        for line, row in zip(lines[1:], rows[1:], strict=False)
        if line.endswith("\n") and len(row) == width and _row_stands(dict(zip(names, row, strict=True)), step)
    ]
    _replace(path, lines, [lines[0], *kept])


def _end_with_losses(path: Path, step: int) -> None:
    if not path.is_file():
        return
    lines = _lines(path)
    rows = list(csv.DictReader(lines))
    losses = [name for name in rows[0] if name.startswith("loss/")] if rows and "step" in rows[0] else []
    last = [n for n, row in enumerate(rows) if float(row["step"]) == step and any(row[name] for name in losses)]
    if last:
        _replace(path, lines, lines[: last[-1] + 2])  # and the names of the columns


def _row_stands(row: Mapping[str, str], step: int) -> bool:
    """Whether it is of that many iterations or fewer; that the run has gone back there it will say once more."""
    try:
        at = float(row["step"])
    except ValueError:
        return False
    return at < step or (at == step and not row.get(ROLLBACKS))


def _lines(path: Path) -> list[str]:
    """With their ends as they are."""
    with path.open(newline="") as file:
        return file.readlines()


def _replace(path: Path, lines: list[str], kept: list[str]) -> None:
    if kept != lines:
        replace_text(path, "".join(kept))
