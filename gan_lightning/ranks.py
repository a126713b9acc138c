"""The further ranks of a run on this machine: started from its saved config, watched, and never left behind."""

import math
import os
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import final

from gan_lightning.others import GRACE, Others
from gan_lightning.runs.status import died, told


@final
class Ranks(Others):
    """Ranks 1 and up of this machine, each a process.

    Args:
        config: the run's resolved config file, in its folder.
    """

    def __init__(self, config: Path) -> None:
        super().__init__(config.parent, GRACE)
        self.config = config
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self, n: int, environment: Mapping[str, str]) -> None:
        """Start `n` of them as `gan_lightning.worker`, with what a rank reads from its environment."""
        command = [sys.executable, "-m", "gan_lightning.worker", str(self.config), str(os.getpid())]
        for rank in range(1, n + 1):
            _record(self.folder, rank).unlink(missing_ok=True)
            self._processes.append(subprocess.Popen(command, env={**environment, "LOCAL_RANK": str(rank)}))

    def look(self) -> str | None:
        """By their exit codes, and what they have left."""
        codes = {rank: process.poll() for rank, process in enumerate(self._processes, 1)}
        failed = {rank: _record(self.folder, rank) for rank, code in codes.items() if code}
        if not failed:
            return None
        first = min(failed, key=lambda rank: _time(failed[rank]))
        return f"rank {first} failed: {_read(failed[first]) or died(codes[first])}"

    def leave(self) -> None:
        """Kill them."""
        self.end(0)

    def end(self, patience: float) -> None:
        """Wait so many seconds for all of them together, then kill what is left."""
        deadline = time.monotonic() + patience
        while self._processes:
            process = self._processes.pop()
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def kill(self, signum: int) -> None:
        """Send a signal to each."""
        for process in self._processes:
            process.send_signal(signum)


def leave_reason(folder: Path, rank: int, error: BaseException) -> None:
    """Write why a rank fails where the first one looks: the reason in a line, then where it came from."""
    where = "".join(traceback.format_exception(error))
    _record(folder, rank).write_text(f"{told(error)}\n\n{where}")


def _record(folder: Path, rank: int) -> Path:
    return folder / f"rank{rank}_error.txt"


def _time(record: Path) -> float:
    return record.stat().st_mtime if record.exists() else math.inf


def _read(record: Path) -> str | None:
    try:
        return record.read_text().splitlines()[0]
    except (OSError, IndexError):
        return None
