"""Checkpoints that a run leaves behind when it goes on from an earlier one."""

import os
from pathlib import Path

from gan_lightning.runs.sidecar import sidecar_of
from gan_lightning.runs.storage import point
from gan_lightning.runs.whole import iteration, numbered

ASIDE = "aside"
"""The folder beside the checkpoints where such ones are."""


def set_aside(checkpoint: Path, step: int) -> list[Path]:
    """Move what is later than `checkpoint`, whole or not, out of its folder into `aside/`; where it was.

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
    (folder / ASIDE).mkdir(exist_ok=True)
    for path in later:
        for file in (sidecar_of(path), path):  # a file without a sidecar is looked at, a sidecar alone is cleared away
            if file.exists():
                os.replace(file, folder / ASIDE / file.name)
    if (folder / "best.ckpt").is_symlink() and not (folder / "best.ckpt").exists():
        (folder / "best.ckpt").unlink()
    return later
