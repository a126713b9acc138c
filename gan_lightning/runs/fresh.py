"""A run that begins in a folder where another one has been: what is refused, and what is taken away; imports no torch.

The folder of a run that came to its first checkpoint, or to its end, is its own. One that was stopped before has left
nothing that could be gone on from, so the same command, in a SLURM job that starts again say, begins in its place.
What somebody else has put there, under a name that a run writes, is not written over.
"""

from pathlib import Path

from gan_lightning.errors import UsageError
from gan_lightning.runs.intact import check_intact
from gan_lightning.runs.run import CONFIG
from gan_lightning.runs.status import FILE, FINISHED, read_status
from gan_lightning.runs.whole import iteration, numbered
from gan_lightning.schema import single_values

_RECORDED = (
    *("metrics.csv", "metrics.jsonl", "curves.png", "training.gif", "error.txt", "events.out.tfevents.*"),
    *("samples/[0-9]*.png", "checkpoints/0*.ckpt*", "checkpoints/*.part"),
)
_WRITTEN = (FILE, CONFIG, *_RECORDED, "checkpoints/last.ckpt", "checkpoints/best.ckpt")
_NAMED = 3  # files in a message


def check_free(folder: Path) -> None:
    """Raise UsageError where a fresh run would write over another one, or over what is no run's."""
    check_intact(folder)
    advice = "or name another folder as hydra.run.dir"
    if any(map(iteration, numbered(folder / "checkpoints"))):
        raise UsageError(f"{folder} holds a run's checkpoints already: resume={folder} goes on with it, {advice}")
    status = read_status(folder)
    if status is not None and status.state == FINISHED:
        raise UsageError(f"{folder} holds a finished run already: remove it, {advice}")
    found = [str(path.relative_to(folder)) for pattern in _WRITTEN for path in folder.glob(pattern)]
    if status is None and found and not _has_just_begun(folder, found):
        told = f"{folder} is no run's, and holds what a run would write over ({', '.join(found[:_NAMED])})"
        raise UsageError(f"{told}: name another folder as hydra.run.dir, or move that away")


def _has_just_begun(folder: Path, found: list[str]) -> bool:
    """Whether a run was killed there between its first file, the config with all that one has, and its status."""
    if found != [CONFIG]:
        return False
    lines = (folder / CONFIG).read_text(errors="replace").splitlines()
    return {line.split(":")[0] for line in lines} >= set(single_values())


def forget_stopped(folder: Path) -> None:
    """Remove what a run that was stopped before its first checkpoint has recorded, if the folder is one's."""
    if read_status(folder) is not None:
        for pattern in _RECORDED:
            for path in folder.glob(pattern):
                path.unlink(missing_ok=True)
