"""Runs that differ by their seed alone, taken together and ranked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gan_lightning.runs.status import FINISHED
from gan_lightning.sweeps.naming import shown
from gan_lightning.sweeps.objective import Objective
from gan_lightning.sweeps.rows import Row
from gan_lightning.sweeps.statistics import Sample, finite, told_apart

SEED = "seed"


@dataclass(frozen=True)
class Group:
    """One setting."""

    values: dict[str, Any]
    """What it differs in, without the seed."""
    rows: list[Row]
    sample: Sample
    """The objective of those that finished."""
    against_best: bool | None = None
    """Whether it is told apart from the best; None where nothing can be said, and for the best itself."""

    @property
    def label(self) -> str:
        """`lr=1e-4, n_critic=5`."""
        return told(self.values) or self.rows[0].name

    @property
    def finished(self) -> list[Row]:
        """The runs that count."""
        return [row for row in self.rows if row.state == FINISHED]

    @property
    def failures(self) -> list[Row]:
        """The others."""
        return [row for row in self.rows if row.state != FINISHED]

    @property
    def seconds(self) -> float | None:
        """Mean of those that finished."""
        known = [row.seconds for row in self.finished if row.seconds is not None]
        return sum(known) / len(known) if known else None

    @property
    def example(self) -> Row:
        """The run whose samples stand for the setting: the first that finished, else the first."""
        return (self.finished or self.rows)[0]

    def mean(self, figure: str) -> Sample:
        """Another figure over the same runs."""
        return finite([row.figures[figure].value for row in self.finished if figure in row.figures])


def ranked(rows: Sequence[Row], objective: Objective | None) -> list[Group]:
    """The settings, best first; those without the figure come last, in the order they were run."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(told(_setting(row)) or ("" if SEED in row.values else row.name), []).append(row)
    groups = [_group(members, objective) for members in found.values()]
    sign = 1.0 if objective is None else objective.sign
    groups.sort(key=lambda group: sign * group.sample.mean if group.sample.n else float("inf"))
    best = groups[0] if groups else None
    return [
        group
        if best is None or group is best or not (group.sample.n and best.sample.n)
        else Group(group.values, group.rows, group.sample, told_apart(group.sample, best.sample))
        for group in groups
    ]


def is_seed(key: str) -> bool:
    """Whether runs that differ in it are taken together."""
    return key.split(".")[-1] == SEED


def told(values: Mapping[str, Any]) -> str:
    """`lr=1e-4, n_critic=5`."""
    return ", ".join(f"{name}={shown(value)}" for name, value in values.items())


def verdict(group: Group, best: Group) -> str:
    """How a setting stands to the best, in words."""
    if group is best:
        return "best"
    if not group.sample.n:
        return "no figure"
    if group.against_best is None:
        return "one seed"
    return "worse" if group.against_best else "not told apart"


def conclusion(groups: Sequence[Group]) -> str:
    """What may be said of the whole, in a sentence or two."""
    measured = [group for group in groups if group.sample.n]
    if len(measured) < 2:
        return "There is nothing to compare yet."
    best, others = measured[0], measured[1:]
    unknown = [group for group in others if group.against_best is None]
    if len(unknown) == len(others):
        whose = (
            "One seed each" if all(group.sample.n == 1 for group in measured) else f"One seed of the best, {best.label}"
        )
        return f"{whose}: nothing can be said of differences, for the noise between seeds is not known."
    same = [group for group in others if group.against_best is False]
    worse = len(others) - len(unknown) - len(same)
    parts = [f"{best.label} has the best mean", f"{worse} of {len(others)} others are worse by more than the noise"]
    if same:
        parts.append(f"Not told apart from it: {'; '.join(group.label for group in same)}")
    if unknown:
        parts.append(f"one seed only: {'; '.join(group.label for group in unknown)}")
    return ". ".join(parts) + "."


def _setting(row: Row) -> dict[str, Any]:
    return {name: value for name, value in row.values.items() if not is_seed(name)}


def _group(rows: list[Row], objective: Objective | None) -> Group:
    values = [] if objective is None else [_value(row, objective) for row in rows if row.state == FINISHED]
    return Group(_setting(rows[0]), rows, finite(values))


def _value(row: Row, objective: Objective) -> float | None:
    figure = row.figures.get(objective.name)
    return None if figure is None else figure.value
