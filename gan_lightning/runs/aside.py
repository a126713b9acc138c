"""Checkpoints that a run leaves behind when it goes on from an earlier one."""

import os
from itertools import chain, count
from pathlib import Path

from gan_lightning.runs.sidecar import sidecar_of
from gan_lightning.runs.storage import point
from gan_lightning.runs.whole import iteration, numbered

_ASIDE = "aside"


def set_aside(checkpoint: Path, step: int) -> list[Path]:
    """Move what is later than `checkpoint`, whole or not, out of its folder into `aside/`; where it is now.

    What lies there of an earlier time stays: of iterations that a run goes behind again, the later are in `aside-2/`.
    `last.ckpt` points to `checkpoint` then, and a `best.ckpt` that would point to nothing goes.

    Args:
        checkpoint: that the run goes on from, in its folder.
        step: the iterations that it has seen.
    """
    folder = checkpoint.parent
    later = [path for path in numbered(folder) if iteration(path) > step]
    if not later:
        return []
    point(folder / "last.ckpt", checkpoint.resolve())
    aside = _room(folder, later)
    aside.mkdir(exist_ok=True)
    for path in later:
        for file in (sidecar_of(path), path):  # a file without a sidecar is looked at, a sidecar alone is cleared away
            if file.exists():
                os.replace(file, aside / file.name)
    if (folder / "best.ckpt").is_symlink() and not (folder / "best.ckpt").exists():
        (folder / "best.ckpt").unlink()
    return [aside / path.name for path in later]


def _room(folder: Path, later: list[Path]) -> Path:
    """The first folder for such checkpoints that has none of theirs."""
    places = chain([folder / _ASIDE], (folder / f"{_ASIDE}-{number}" for number in count(2)))
    return next(place for place in places if not any((place / path.name).exists() for path in later))
