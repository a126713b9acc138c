"""What is known of each run of a sweep, or of any runs, read from their folders: the one source of every table."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from gan_lightning.metrics.records import read
from gan_lightning.runs.status import FINISHED, Status, read_status
from gan_lightning.sweeps.folders import jobs
from gan_lightning.sweeps.naming import short_names
from gan_lightning.sweeps.objective import stem

_PASSED_ON = re.compile(
    r"^(folder|objective|cache|sweep|callbacks|logger|iterations|data\.(seed|minibatches)"
    r"|model\.(seed|generator|discriminator|optimizers|loss|penalties|schedule))(\.|$|_)"
)
"""Keys that repeat others, or that say nothing of the game."""
_CHOICES = ("model", "data")
"""Options of the command line that bring many keys at once."""


@dataclass(frozen=True)
class Figure:
    """One figure of the end of a run."""

    value: float | None
    """None where it was not finite."""
    spread: float | None
    floor: float | None
    n: int


@dataclass(frozen=True)
class Point:
    """One figure on its way."""

    step: int
    elapsed: float | None
    value: float


@dataclass(frozen=True)
class Curve:
    """A figure on its way, each point measured by the same protocol."""

    name: str
    """With its weights and its number of samples, which may be fewer than at the end."""
    floor: float | None
    points: list[Point]


@dataclass(frozen=True)
class Row:
    """One run."""

    name: str
    folder: Path
    values: dict[str, Any]
    """What differs between the runs, by short key."""
    state: str
    reason: str | None
    seconds: float | None
    figures: dict[str, Figure]
    """Of the last evaluation, by weights/name."""
    records: list[dict[str, Any]]
    config: dict[str, Any]
    """Flat, without keys that repeat others."""

    @property
    def seed(self) -> Any:
        """Of the run, as far as it is known."""
        return self.config.get("seed", self.values.get("seed"))

    @property
    def picture(self) -> Path | None:
        """The last sheet of samples."""
        return max((self.folder / "samples").glob("[0-9]*.png"), default=None)

    def curve(self, objective: str) -> Curve:
        """How the run came to a figure: by the protocol that has the most points."""
        weights, _, name = objective.partition("/")
        found: dict[str, Curve] = {}
        for record in self.records:
            if record["weights"] == weights and stem(record["name"]) == stem(name) and record["value"] is not None:
                point = Point(record["step"], record.get("elapsed"), record["value"])
                empty = Curve(f"{weights}/{record['name']}", record["floor"], [])
                found.setdefault(record["name"], empty).points.append(point)
        return max(found.values(), key=lambda curve: len(curve.points), default=Curve(objective, None, []))


def sweep_rows(sweep: Path) -> list[Row]:
    """The jobs of a sweep that have begun, in their order."""
    return [_row(path, path.name, status.varied, status) for path, status in jobs(sweep)]


def run_rows(folders: Sequence[Path]) -> list[Row]:
    """Any runs; what differs between them is found in their configs."""
    configs = [_config(folder) for folder in folders]
    differing = telling(configs)
    names = short_names(differing)
    rows = []
    for name, folder, config in zip(_labels(folders), folders, configs, strict=True):
        values = {names[key]: config.get(key) for key in differing}
        rows.append(_row(folder, name, values, read_status(folder)))
    return rows


def differences(configs: Sequence[Mapping[str, Any]]) -> list[str]:
    """The keys whose values aren't the same in all, in the order of the configs."""
    keys = dict.fromkeys(key for config in configs for key in config)
    return [key for key in keys if any(config.get(key) != configs[0].get(key) for config in configs)]


def telling(configs: Sequence[Mapping[str, Any]]) -> list[str]:
    """The fewest keys, taken in order, that tell runs apart as all of them do: variant and data first, the seed last.

    What follows from those before it tells nothing more: a variant's own rate, where every variant has one.
    """
    keys = differences(configs)
    ordered = [*(key for key in _CHOICES if key in keys), *(key for key in keys if key not in (*_CHOICES, "seed"))]
    kept: list[str] = []
    apart = 1
    for key in [*ordered, *(["seed"] if "seed" in keys else [])]:
        found = len({tuple(str(config.get(one)) for one in (*kept, key)) for config in configs})
        if found > apart:
            kept.append(key)
            apart = found
    return kept


def last_figures(folder: Path) -> dict[str, Figure]:
    """The figures of a run's last evaluation."""
    return _last(_records(folder))


def _row(folder: Path, name: str, values: dict[str, Any], status: Status | None) -> Row:
    records = _records(folder)
    state = FINISHED if status is None else status.now  # of a version that left no status
    reason = None if status is None else status.reason
    seconds = None if status is None else status.seconds
    return Row(name, folder, values, state, reason, seconds, _last(records), records, _config(folder))


def _records(folder: Path) -> list[dict[str, Any]]:
    """Those of training."""
    return [record for record in read(folder / "metrics.jsonl") if record["step"] is not None]


def _last(records: list[dict[str, Any]]) -> dict[str, Figure]:
    end = records[-1]["step"] if records else None
    return {
        f"{record['weights']}/{record['name']}": Figure(record["value"], record["spread"], record["floor"], record["n"])
        for record in records
        if record["step"] == end
    }


def _config(folder: Path) -> dict[str, Any]:
    try:
        tree = yaml.load((folder / "config.yaml").read_text(), yaml.CSafeLoader)
    except (OSError, yaml.YAMLError):
        return {}
    flat = _flat(tree) if isinstance(tree, dict) else {}
    chosen = {name: flat.get(f"callbacks.hparams.parameters.{name}") for name in _CHOICES}
    own = {key: value for key, value in flat.items() if not _PASSED_ON.match(key)}
    return {name: value for name, value in chosen.items() if value is not None} | own


def _flat(tree: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in tree.items():
        if isinstance(value, dict) and value:
            found |= _flat(value, f"{above}{name}.")
        else:
            found[f"{above}{name}"] = value
    return found


def _labels(folders: Sequence[Path]) -> list[str]:
    """Each folder's own name, with as much of what is above as it takes to tell them apart."""
    parts = [folder.absolute().parts for folder in folders]
    for count in range(1, max(map(len, parts)) + 1):
        names = ["/".join(part[-count:]) for part in parts]
        if len(set(names)) == len(names):
            return names
    return names
