"""How a sweep ends: its exit code, and what is said of it."""

import signal
import sys
from pathlib import Path

from gan_lightning import command
from gan_lightning.interruption import Interrupted
from gan_lightning.runs.requeue import requeue
from gan_lightning.runs.status import FINISHED
from gan_lightning.sweeps.folders import jobs
from gan_lightning.sweeps.start import forget_folder


def exit_code() -> int:
    """Of this command line's sweep, if nothing was raised: 1 if a job of it is not finished."""
    folder = command.sweep[0]
    states = [status.now for _, status in jobs(folder)]
    missing = [state for state in states if state != FINISHED]
    told = "" if not missing else f", {len(missing)} not: " + ", ".join(sorted(set(missing)))
    print(f"{len(states) - len(missing)} of {len(states)} jobs finished{told}; results in {_shown(folder)}/report.html")
    return 1 if missing else 0


def interrupted(stopped: Interrupted) -> int:
    """Say how to go on; a SLURM job whose time was up goes back into the queue. The exit code."""
    told = stopped.reason
    if command.sweep:
        from gan_lightning.sweeps.write import try_to_write  # takes a second: matplotlib

        try_to_write(command.sweep[0])
        told = f"{stopped.signal.name}; sweep.resume={_shown(command.sweep[0])} behind the same command goes on"
    print(f"gan_lightning: stopped by {told}", file=sys.stderr, flush=True)
    if stopped.signal == signal.SIGUSR1:
        requeue()
    return int(stopped.code or 0)


def take_back() -> bool:
    """Whether no job of this command line's sweep has begun yet; a folder that was made for them is then removed."""
    if any(jobs(command.sweep[0])):
        return False
    forget_folder()
    return True


def _shown(folder: Path) -> Path:
    """As short as it can be written from here."""
    return folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder
