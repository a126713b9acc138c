"""A run that goes on in the folder it began in; imports no torch."""

from pathlib import Path

from gan_lightning.runs.status import COMPLETE, read_status


def in_place(folder: Path, ckpt_path: Path | None) -> bool:
    """Whether the checkpoint to go on from is one of the run's own."""
    return ckpt_path is not None and ckpt_path.parent.resolve() == (folder / "checkpoints").resolve()


def cut_short(folder: Path, ckpt_path: Path | None) -> bool:
    """Whether the run goes on in place and has not come to its end: what follows training may still be missing."""
    status = read_status(folder)
    return in_place(folder, ckpt_path) and (status is None or status.state not in COMPLETE)
