"""What is said and done when a signal, or the end of its time, has stopped a run; imports no torch."""

import signal
import sys
from pathlib import Path

from gan_lightning.interruption import Interrupted
from gan_lightning.runs.requeue import requeue
from gan_lightning.runs.whole import numbered


def tell(stopped: Interrupted, folder: Path) -> None:
    """One line on stderr that says how to go on; a SLURM job whose time was up goes back into the queue."""
    on = f"; resume={folder} goes on" if numbered(folder / "checkpoints") else ""
    print(f"gan_lightning: stopped by {stopped.reason}{on}", file=sys.stderr, flush=True)
    if stopped.signal == signal.SIGUSR1:
        requeue()
