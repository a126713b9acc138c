"""Whether what stands in a run's folder lets a run write there; imports no torch."""

import os
from pathlib import Path

from gan_lightning.errors import UsageError
from gan_lightning.runs.rewind import columns

_FILES = ("status.json", "metrics.jsonl", "metrics.csv", "hparams.yaml", "curves.png", "training.gif")
_FOLDERS = ("checkpoints", "checkpoints/aside", "samples")


def check_intact(folder: Path) -> None:
    """Refuse a folder where something else stands at a place that a run writes at.

    Raises:
        UsageError: with the place; one of the folder's files is none, or can't be written over, or a folder is none.
    """
    for path in (folder / name for name in _FILES):
        if path.exists() and not path.is_file():
            raise UsageError(f"{path} is no file, and a run writes one there: move it away")
        if path.exists() and not os.access(path, os.R_OK | os.W_OK):
            raise UsageError(f"{path} can't be read and written: give yourself the right to, or move it away")
    for path in (folder / name for name in _FOLDERS):
        if path.exists() and not path.is_dir():
            raise UsageError(f"{path} is no folder, and a run needs one there: move it away")


def check_table(folder: Path) -> None:
    """Raise UsageError where `metrics.csv` doesn't begin with the names of its columns: no row can be told then."""
    path = folder / "metrics.csv"
    if path.is_file() and "step" not in columns(path):
        raise UsageError(f"{path} is damaged, for its first line names no column step: mend it, or move it away")
