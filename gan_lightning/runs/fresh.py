"""A run that begins in a folder where another one has been: what is refused, and what is taken away; imports no torch.

The folder of a run that came to its first checkpoint, or to its end, is its own. One that was stopped before has left
nothing that could be gone on from, so the same command, in a SLURM job that starts again say, begins in its place.
"""

from pathlib import Path

from gan_lightning.errors import UsageError
from gan_lightning.runs.intact import check_intact
from gan_lightning.runs.status import FINISHED, read_status
from gan_lightning.runs.whole import iteration, numbered

_RECORDED = (
    *("metrics.csv", "metrics.jsonl", "curves.png", "training.gif", "error.txt", "events.out.tfevents.*"),
    *("samples/[0-9]*.png", "checkpoints/0*.ckpt*", "checkpoints/*.part"),
)


def check_free(folder: Path) -> None:
    """Raise UsageError where a fresh run would write over another one."""
    check_intact(folder)
    advice = "or name another folder as hydra.run.dir"
    if any(map(iteration, numbered(folder / "checkpoints"))):
        raise UsageError(f"{folder} holds a run's checkpoints already: resume={folder} goes on with it, {advice}")
    status = read_status(folder)
    if status is not None and status.state == FINISHED:
        raise UsageError(f"{folder} holds a finished run already: remove it, {advice}")


def forget_stopped(folder: Path) -> None:
    """Remove what a run that was stopped before its first checkpoint has recorded, if the folder is one's."""
    if read_status(folder) is not None:
        for pattern in _RECORDED:
            for path in folder.glob(pattern):
                path.unlink(missing_ok=True)
