"""A job's share of the machine: one GPU where there are several, its part of the CPU's cores."""

import os
import shutil
import subprocess
import sys
from functools import cache
from typing import IO, Any

from omegaconf import DictConfig

from gan_lightning.sweeps.locks import hold
from gan_lightning.sweeps.plan import Plan


def free_gpu(plan: Plan, config: DictConfig, number: int) -> tuple[str | None, IO[str] | None]:
    """A GPU for a job, as CUDA_VISIBLE_DEVICES names it, and its lock; None where there is nothing to choose.

    Jobs that run at once get different ones, as long as there are enough.
    """
    trainer = config.trainer
    gpus = visible_gpus()
    if len(gpus) < 2 or trainer.get("devices", 1) != 1 or trainer.get("accelerator") == "cpu":
        return None, None
    for gpu in gpus:
        if (lock := hold(plan.lock(f"gpu{gpu}"))) is not None:
            return gpu, lock
    return gpus[number % len(gpus)], None


@cache
def visible_gpus() -> tuple[str, ...]:
    """The GPUs of this machine that this process may use; asks the driver without starting CUDA."""
    if (chosen := os.environ.get("CUDA_VISIBLE_DEVICES")) is not None:
        return tuple(gpu.strip() for gpu in chosen.split(",") if gpu.strip())
    if shutil.which("nvidia-smi") is None:
        return ()
    done = subprocess.run(["nvidia-smi", "--list-gpus"], capture_output=True, text=True, timeout=60)
    count = sum(line.startswith("GPU ") for line in done.stdout.splitlines())
    return tuple(map(str, range(count)))


def threads(config: DictConfig, launcher: Any) -> int | None:
    """CPU threads for a job: what is asked for, else its share of the cores where jobs run in parallel."""
    at_once = launcher.get("n_jobs")
    if config.threads is not None or at_once is None:
        return config.threads
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return max(1, cores // at_once) if at_once > 0 else 1
