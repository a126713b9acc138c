"""Whether what stands in a run's folder lets a run write there; imports no torch."""

import os
from pathlib import Path

from gan_lightning.errors import UsageError
from gan_lightning.runs.rewind import damage

_FILES = ("config.yaml", "status.json", "metrics.jsonl", "metrics.csv", "hparams.yaml", "curves.png", "training.gif")
_POINTERS = ("checkpoints/last.ckpt", "checkpoints/best.ckpt")
_FOLDERS = ("checkpoints", "checkpoints/aside", "samples")


def check_intact(folder: Path) -> None:
    """Refuse a folder where something else stands at a place that a run writes at.

    Raises:
        UsageError: with the place; one of the folder's files is none, or can't be written over, or a folder is none.
    """
    for path in (folder / name for name in _FILES):
        if path.is_symlink() and not path.exists():
            raise UsageError(f"{path} is a link to nothing, and a run writes a file there: remove it")
    for path in (folder / name for name in (*_FILES, *_POINTERS)):
        if path.exists() and not path.is_file():
            raise UsageError(f"{path} is no file, and a run writes one there: move it away")
        if path.exists() and not os.access(path, os.R_OK | os.W_OK):
            raise UsageError(f"{path} can't be read and written: give yourself the right to, or move it away")
    for path in (folder / name for name in _FOLDERS):
        if path.exists() and not path.is_dir():
            raise UsageError(f"{path} is no folder, and a run needs one there: move it away")


def check_table(folder: Path) -> None:
    """Raise UsageError where the rows of `metrics.csv` can't be told by the names of its columns."""
    path = folder / "metrics.csv"
    if path.is_file() and (why := damage(path)) is not None:
        raise UsageError(f"{path} is damaged, for {why}: mend it, or move it away")
