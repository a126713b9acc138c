"""Folders: made for a run and taken away again if nothing came to be in them, and whether they can be written to."""

import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from gan_lightning.errors import UsageError


def missing(folder: Path) -> list[Path]:
    """The folder and those above it that don't exist yet, innermost first."""
    return [path for path in (folder, *folder.parents) if not path.exists()]


def make(folder: Path) -> list[Path]:
    """Make a folder and those above it that don't exist yet; those that this process has made itself, innermost first.

    Raises:
        OSError: it can't be made; nothing is.
    """
    made: list[Path] = []
    try:
        for path in reversed(missing(folder.absolute())):
            try:
                path.mkdir()
            except FileExistsError:  # another process was quicker
                continue
            made.insert(0, path)
    except OSError:
        remove_empty(made)
        raise
    return made


def remove_untrained(folders: Sequence[Path]) -> None:
    """Remove a run's folder, the first of those that were made for it, unless it has a checkpoint; then empty ones."""
    if folders and not any((folders[0] / "checkpoints").glob("*.ckpt")):
        shutil.rmtree(folders[0], ignore_errors=True)
    remove_empty(folders[1:])


def remove_empty(folders: Iterable[Path]) -> None:
    """Remove them one by one, up to the first that isn't empty."""
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return


def check_writable(folder: Path, advice: str) -> None:
    """Raise UsageError where nothing can be written into a folder, or the folder can't be made."""
    nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not nearest.is_dir():
        raise UsageError(f"{nearest} is a file, no folder: {advice}")
    if not os.access(nearest, os.W_OK):
        raise UsageError(f"{nearest} can't be written to: {advice}")
