"""What there is of runs below a folder, in a line each; imports no torch."""

from pathlib import Path
from typing import NamedTuple

from omegaconf.errors import OmegaConfBaseException

from gan_lightning.errors import UsageError
from gan_lightning.runs.run import CONFIG, Run, is_run
from gan_lightning.runs.status import FILE
from gan_lightning.sweeps.objective import choose
from gan_lightning.sweeps.rows import Figure, Row, run_rows

_UNKNOWN = "?"


class Entry(NamedTuple):
    """A run in a line."""

    folder: Path
    state: str
    variant: str
    data: str
    iterations: str
    figure: tuple[str, str, str]
    """The name of what it is usually judged by, its value and its floor; empty where nothing was measured."""


def folders(root: Path) -> list[Path]:
    """The folders of runs below a folder, that itself included, the newest first."""
    configured = {path.parent for path in root.rglob(CONFIG) if path.parent.name[:1] != "." and is_run(path.parent)}
    begun = {path.parent for path in root.rglob(FILE)}  # a job that failed at once has no config
    return sorted(configured | begun, key=_changed, reverse=True)


def entries(runs: list[Path]) -> list[Entry]:
    """What is known of each."""
    return [_entry(folder, run_rows([folder])[0]) for folder in runs]


def _changed(folder: Path) -> float:
    return max((folder / name).stat().st_mtime for name in (CONFIG, FILE) if (folder / name).is_file())


def _entry(folder: Path, row: Row) -> Entry:
    steps = [record["step"] for record in row.records]
    saved = [int(path.stem) for path in (folder / "checkpoints").glob("[0-9]*.ckpt")]
    done = max([*steps, *saved], default=0)
    return Entry(folder, row.state, *_game(folder), f"{done:,}", _figure(row.figures))


def _game(folder: Path) -> tuple[str, str]:
    run = Run(folder, folder)
    try:
        return run.variant, run.source
    except (UsageError, KeyError, TypeError, AttributeError, OmegaConfBaseException):  # a config that was edited
        return _UNKNOWN, _UNKNOWN


def _figure(figures: dict[str, Figure]) -> tuple[str, str, str]:
    objective = choose(figures, None, None)
    if objective is None:
        return "", "", ""
    figure = figures[objective.name]
    value = "diverged" if figure.value is None else f"{figure.value:.4g}"
    return objective.name, value, "" if figure.floor is None else f"{figure.floor:.4g}"
