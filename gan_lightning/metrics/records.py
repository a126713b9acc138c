"""Lines of `metrics.jsonl`: a figure, its protocol, its floor and its spread; imports no torch."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_lightning.files import replace_text

if TYPE_CHECKING:
    from gan_lightning.metrics.base import Figure

_READ: dict[str, tuple[type, ...]] = {
    "name": (str,),
    "weights": (str,),
    "step": (int, type(None)),
    "repeats": (int,),
    "n": (int,),
    **dict.fromkeys(("value", "spread", "floor"), (int, float, type(None))),
    "floor_n": (int, type(None)),
}
"""What readers take from a record, and of which types it is."""


@dataclass(frozen=True)
class Record:
    """What is known of one figure. A value that isn't finite is written as null: JSON has no NaN."""

    name: str
    """Stem, sample size, reference."""
    value: float
    """Mean over the repetitions."""
    spread: float | None
    """Standard deviation of one repetition, over repetitions with other latents; None of a single one."""
    repeats: int
    floor: float | None
    """The same of real samples that the reference lacks; None where no real sample has such a figure."""
    floor_n: int | None
    """How many those are: fewer than n where the source has no more."""
    n: int
    n_reference: int | None
    data: str
    """What it is measured against."""
    settings: str | None
    """The measure's, where it has any."""
    extractor: str | None
    sha256: str | None
    """Of the extractor's weights."""
    weights: str
    """The generator: ema or raw; samples where there is none."""
    step: int | None
    """Generator updates."""
    seed: int | None
    seconds: float
    """The metric's, for one repetition, without sampling; those of a family are computed together."""
    elapsed: float | None = None
    """Seconds since this process began to train, evaluations and pictures included; None outside of training."""

    def line(self) -> str:
        """As JSON."""
        fields: dict[str, Any] = asdict(self)
        for name, value in fields.items():
            if isinstance(value, float) and not math.isfinite(value):
                fields[name] = None
        return json.dumps(fields)


def summary(figures: Sequence[Figure]) -> tuple[float, float | None]:
    """Mean of the repetitions of one figure, and the standard deviation of one."""
    values = [figure.value for figure in figures]
    mean = sum(values) / len(values)
    if len(values) == 1:
        return mean, None
    return mean, math.sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))


def write(path: Path, records: Iterable[Record]) -> None:
    """Append the records to a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.writelines(record.line() + "\n" for record in records)


def replace(path: Path, records: Sequence[Record]) -> None:
    """Append the records, in place of those that another process has measured of the same by the same protocol."""
    new = {(record.step, record.weights, record.name, record.repeats) for record in records}
    found = read(path)
    kept = [
        line
        for line in found
        if line.get("elapsed") is None or (line["step"], line["weights"], line["name"], line["repeats"]) not in new
    ]
    if kept != found:
        replace_text(path, "".join(json.dumps(line) + "\n" for line in kept))
    write(path, records)


def read(path: Path) -> list[dict[str, Any]]:
    """All records of a file, none if it isn't there; a line that was left unfinished, or damaged, is no record."""
    lines = path.read_bytes().split(b"\n") if path.is_file() else []
    return [record for record in map(_record, lines) if record is not None]


def _record(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not found.keys() >= _READ.keys():
        return None
    return found if all(isinstance(found[name], kinds) for name, kinds in _READ.items()) else None
