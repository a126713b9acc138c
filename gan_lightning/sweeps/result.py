"""A sweep, or any runs, with what they are compared by: what every table, picture and page is made from."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from gan_lightning.runs.status import FINISHED
from gan_lightning.sweeps.groups import Group, is_seed, ranked
from gan_lightning.sweeps.objective import Objective, choose, stem
from gan_lightning.sweeps.plan import Plan, read_plan
from gan_lightning.sweeps.rows import Curve, Figure, Row, run_rows, sweep_rows


@dataclass(frozen=True)
class Result:
    """Runs, and the figure that decides."""

    title: str
    rows: list[Row]
    objective: Objective | None
    command: str | None = None
    """What all jobs share, as it was written."""
    asked: int | None = None
    """Runs that were asked for, as far as it is known."""

    @cached_property
    def groups(self) -> list[Group]:
        """Settings, best first."""
        return ranked(self.rows, self.objective)

    @cached_property
    def figures(self) -> list[str]:
        """Every figure that a run has at its end, by the full protocol alone; the objective first."""
        names = dict.fromkeys(name for row in self.rows for name in row.figures if "/label_share_" not in name)
        full = {(name.partition("/")[0], stem(name)): name for name in names}  # the last of a kind
        first = [] if self.objective is None else [self.objective.name]
        return list(dict.fromkeys([*first, *full.values()]))

    @property
    def main_figures(self) -> list[str]:
        """Those of the generator that the objective is of."""
        if self.objective is None:
            return self.figures
        return [name for name in self.figures if name.partition("/")[0] == self.objective.name.partition("/")[0]]

    @cached_property
    def keys(self) -> list[str]:
        """What the runs differ in, short."""
        return list(dict.fromkeys(key for row in self.rows for key in row.values))

    @property
    def setting_keys(self) -> list[str]:
        """The same without the seed; `run` where nothing else differs."""
        return [key for key in self.keys if not is_seed(key)] or ["run"]

    @property
    def counts(self) -> str:
        """How many of the runs are there."""
        all_runs = len(self.rows) if self.asked is None else max(self.asked, len(self.rows))
        return f"{len(self.rows) - len(self.failures)} of {all_runs} runs finished"

    @property
    def failures(self) -> list[Row]:
        """Runs that did not finish, those that still run included."""
        return [row for row in self.rows if row.state != FINISHED]

    def floor(self, name: str) -> float | None:
        """What real samples reach."""
        known = [row.figures[name].floor for row in self.rows if name in row.figures]
        return next((floor for floor in known if floor is not None), None)

    @cached_property
    def curve(self) -> Curve | None:
        """The longest curve of the objective: its name and floor are those of them all."""
        if self.objective is None:
            return None
        curves = [row.curve(self.objective.name) for row in self.rows]
        return max(curves, key=lambda curve: len(curve.points), default=None)

    def value(self, row: Row) -> float | None:
        """A run's objective."""
        figure: Figure | None = None if self.objective is None else row.figures.get(self.objective.name)
        return None if figure is None else figure.value


def sweep_result(folder: Path) -> Result:
    """What is in a sweep's folder. Raises UsageError if it is none."""
    plan: Plan = read_plan(folder)
    rows = sweep_rows(folder)
    return Result(
        folder.absolute().name, rows, _objective(rows, plan.objective, plan.mode), " ".join(plan.fixed), plan.jobs
    )


def runs_result(folders: Sequence[Path], objective: str | None, mode: str | None) -> Result:
    """Any runs, given by hand."""
    rows = run_rows(folders)
    return Result(f"{len(rows)} runs", rows, _objective(rows, objective, mode))


def _objective(rows: Sequence[Row], asked: str | None, mode: str | None) -> Objective | None:
    measured = {name: figure for row in rows for name, figure in row.figures.items()}
    return choose(measured, asked, mode)
