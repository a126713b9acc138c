"""Folders that were made for a run, taken away again if nothing came to be in them."""

from collections.abc import Iterable
from pathlib import Path


def missing(folder: Path) -> list[Path]:
    """The folder and those above it that don't exist yet, innermost first."""
    return [path for path in (folder, *folder.parents) if not path.exists()]


def remove_empty(folders: Iterable[Path]) -> None:
    """Remove them one by one, up to the first that isn't empty."""
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return
