"""Folders that were made for a run, taken away again if nothing came to be in them."""

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path


def missing(folder: Path) -> list[Path]:
    """The folder and those above it that don't exist yet, innermost first."""
    return [path for path in (folder, *folder.parents) if not path.exists()]


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
