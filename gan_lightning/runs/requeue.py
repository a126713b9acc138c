"""Giving a SLURM job back to the queue when its time is up."""

import os
import subprocess
import sys

_PATIENCE = 60  # seconds


def requeue() -> None:
    """Have SLURM run this job again, once for all its tasks; says so on stderr, or why it can't."""
    if os.environ.get("SLURM_PROCID", "0") != "0":
        return
    job = _job()
    try:
        done = subprocess.run(["scontrol", "requeue", job], capture_output=True, text=True, timeout=_PATIENCE)
        told = " ".join(done.stderr.split()) or f"exit code {done.returncode}"
        failed = done.returncode != 0
    except (OSError, subprocess.TimeoutExpired) as error:
        told, failed = str(error), True
    outcome = f"job {job} can't be requeued: {told}" if failed else f"job {job} is requeued"
    print(f"gan_lightning: {outcome}", file=sys.stderr, flush=True)


def _job() -> str:
    array = os.environ.get("SLURM_ARRAY_JOB_ID")
    if array is not None:
        return f"{array}_{os.environ['SLURM_ARRAY_TASK_ID']}"
    return os.environ["SLURM_JOB_ID"]
