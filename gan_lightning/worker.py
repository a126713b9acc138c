"""A further rank of a run on several processes: `python -m gan_lightning.worker CONFIG`, started by the first rank."""

import os
import sys
import threading
import time
from pathlib import Path

from omegaconf import OmegaConf

from gan_lightning.errors import Diverged
from gan_lightning.interruption import Interrupted
from gan_lightning.ranks import leave_reason
from gan_lightning.train import fit, prepare

_GLANCE = 1.0  # seconds


def _end_with_the_first_rank(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_GLANCE)
    os._exit(1)


def _work(config: Path) -> int:
    """The exit code: 0 where all ranks stopped together, else the first rank is to know."""
    threading.Thread(target=_end_with_the_first_rank, args=(os.getppid(),), daemon=True).start()
    try:
        fit(prepare(OmegaConf.load(config)))  # type: ignore[arg-type]
    except Interrupted as stopped:
        return 0 if stopped.iteration is not None else 1
    except Diverged:
        return 0
    except Exception as error:
        leave_reason(config, int(os.environ["LOCAL_RANK"]), error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_work(Path(sys.argv[1])))
