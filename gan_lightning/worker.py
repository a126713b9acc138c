"""A further rank of a run on several processes: `python -m gan_lightning.worker CONFIG PARENT`, started by the first.

PARENT is the first rank's process id, which this one is not to outlive: it is watched before anything else is
imported, for by then the first rank may be gone already.
"""

import os
import signal
import sys
import threading
import time
from pathlib import Path

from gan_lightning.heavy import import_torch, own_process
from gan_lightning.leaving import leave_at_once

_GLANCE = 1.0  # seconds


def follow(parent: int) -> None:
    """End this process with exit code 1 once `parent` is no longer its parent, from a thread that does nothing else."""
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_GLANCE)
    os._exit(1)


def _heed_signals() -> None:
    """Until training listens, SIGINT ends this process without a word, as SIGTERM does; ignored it stays ignored."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def work(config: Path) -> int:
    """Play; the exit code is 0 where all ranks stopped together, else the first rank is to know."""
    from gan_lightning.errors import Diverged
    from gan_lightning.interruption import Interrupted
    from gan_lightning.ranks import leave_reason
    from gan_lightning.streams import harmless

    harmless()
    try:
        from omegaconf import OmegaConf

        import_torch()
        from gan_lightning.train import fit, prepare

        fit(prepare(OmegaConf.load(config)))  # type: ignore[arg-type]
    except Interrupted as stopped:
        return 0 if stopped.iteration is not None else 1
    except Diverged:
        return 0
    except Exception as error:
        leave_reason(config.parent, int(os.environ["LOCAL_RANK"]), error)
        return 1
    return 0


if __name__ == "__main__":
    follow(int(sys.argv[2]))
    _heed_signals()
    own_process()
    leave_at_once(work(Path(sys.argv[1])))
