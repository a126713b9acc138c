"""What a sweep was asked to do: `sweep.json` in its folder, by which it is known, resumed and told from others."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from hydra.core.override_parser.overrides_parser import OverridesParser

from gan_lightning.errors import UsageError
from gan_lightning.files import replace_text
from gan_lightning.sweeps.naming import identity

FILE = "sweep.json"
LOCKS = ".locks"
"""Folder of the locks within a sweep's."""


@dataclass(frozen=True)
class Plan:
    """One sweep."""

    folder: Path
    fixed: list[str]
    """Overrides that all jobs share, sorted."""
    keys: list[str]
    """What differs between jobs."""
    jobs: int | None = None
    """How many there are to be."""
    objective: str | None = None
    """The figure that jobs are compared by; None for the usual one of what was measured."""
    mode: str | None = None
    """min or max; None for what is better by the figure's nature."""

    def lock(self, name: str) -> Path:
        """The file of a lock of that name."""
        return self.folder / LOCKS / f"{name}.lock"


def make_plan(folder: Path, overrides: Sequence[str], params: Mapping[str, str], searched: Sequence[str]) -> Plan:
    """The plan of a command line.

    Args:
        folder: where it is to be.
        overrides: as they were written.
        params: of the preset, which the command line wins over.
        searched: keys that a search sets in each job.
    """
    parser = OverridesParser.create()
    written = {
        parsed.key_or_group: parsed for parsed in parser.parse_overrides([f"{k}={v}" for k, v in params.items()])
    }
    written |= {parsed.key_or_group: parsed for parsed in parser.parse_overrides(list(overrides))}
    swept = [key for key, parsed in written.items() if parsed.is_sweep_override()]
    fixed = [parsed.input_line or "" for key, parsed in written.items() if key not in swept]
    jobs = math.prod(
        len(list(written[key].sweep_string_iterator())) for key in swept if written[key].is_discrete_sweep()
    )
    return Plan(folder, identity(fixed), [*swept, *searched], jobs)


def write_plan(plan: Plan) -> None:
    """Write it into the sweep's folder."""
    fields = asdict(plan)
    del fields["folder"]
    replace_text(plan.folder / FILE, json.dumps(fields, indent=1) + "\n")


def read_plan(folder: Path) -> Plan:
    """The plan of a sweep's folder. Raises UsageError if it is no sweep's."""
    path = folder / FILE
    if not folder.is_dir():
        raise UsageError(f"{folder}: there is no such folder")
    if not path.is_file():
        raise UsageError(f"{folder} is no sweep's folder, for it has no {FILE}: name the one that a sweep made")
    try:
        return Plan(folder=folder, **json.loads(path.read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise UsageError(f"{path} can't be read as a sweep's plan: it is damaged, or another version's") from error


def check_same(plan: Plan, before: Plan) -> None:
    """Refuse to go on with another sweep. Swept values may be added or left out. Raises UsageError."""
    for mine, theirs, what in (
        (plan.fixed, before.fixed, "settings"),
        (sorted(plan.keys), sorted(before.keys), "swept keys"),
    ):
        added, lost = [one for one in mine if one not in theirs], [one for one in theirs if one not in mine]
        if added or lost:
            told = [f"here {' '.join(added)}"] * bool(added) + [f"there {' '.join(lost)}"] * bool(lost)
            raise UsageError(f"sweep.resume={before.folder} is another command's: its {what} differ, {', '.join(told)}")
