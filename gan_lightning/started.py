"""Who has started this process: itself, or srun or torchrun as one of several ranks; imports no torch."""

import os
import re
from collections.abc import Sequence
from typing import Any

from gan_lightning.errors import UsageError

_BY_HAND = ("bash", "interactive")
"""Names of SLURM jobs in which a person types."""
_OF_A_START = (
    *("SLURM_JOB_ID", "SLURM_STEP_ID", "SLURM_RESTART_COUNT"),
    *("TORCHELASTIC_RUN_ID", "TORCHELASTIC_RESTART_COUNT", "MASTER_PORT"),
)


def outside() -> bool:
    """Whether srun or torchrun has started one process for each rank."""
    return "TORCHELASTIC_RUN_ID" in os.environ or _under_srun()


def rank() -> int:
    """This process's rank among those; 0 where it has started itself."""
    if "TORCHELASTIC_RUN_ID" in os.environ:
        return int(os.environ["RANK"])
    return int(os.environ["SLURM_PROCID"]) if _under_srun() else 0


def ranks() -> int:
    """How many of them there are; 1 where it has started itself."""
    if "TORCHELASTIC_RUN_ID" in os.environ:
        return int(os.environ["WORLD_SIZE"])
    return int(os.environ["SLURM_NTASKS"]) if _under_srun() else 1


def start_name() -> str:
    """A name of this start that all of its ranks know, fit for a file's; SLURM never gives it again, torchrun may."""
    return "-".join(re.sub(r"\W+", "_", os.environ[key]) for key in _OF_A_START if key in os.environ)


def check_start(config: Any, hydra_overrides: Sequence[str]) -> None:
    """Raise UsageError where several processes can't become one run: they share no folder, or nobody starts them."""
    trainer = config.trainer
    if "strategy" not in trainer:
        return
    if trainer.num_nodes > 1 and not outside():
        raise UsageError(
            f"trainer.num_nodes={trainer.num_nodes}: nothing starts the processes of the other machines: start one for "
            "each device, with srun or torchrun"
        )
    if outside() and not any(override.startswith("hydra.run.dir=") for override in hydra_overrides):
        raise UsageError("each of several processes would make a folder of its own: add hydra.run.dir=FOLDER for all")


def _under_srun() -> bool:
    named = os.environ.get("SLURM_JOB_NAME") not in _BY_HAND
    return named and "SLURM_PROCID" in os.environ and int(os.environ.get("SLURM_NTASKS", 1)) > 1
