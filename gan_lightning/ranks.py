"""The further ranks of a run on this machine: started from its saved config, watched, and never left behind."""

import math
import os
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import final

from gan_lightning.errors import Diverged, GoBack, RankFailed, UsageError, say
from gan_lightning.runs.status import FAILED, RUNNING, died, read_status, told, write_status

_GLANCE = 0.5  # seconds between two looks at the others
_GRACE = 15  # seconds for this rank to notice by itself that another one is gone


@final
class Ranks:
    """Ranks 1 and up of this machine, each a process.

    Args:
        config: the run's resolved config file, in its folder.
    """

    def __init__(self, config: Path) -> None:
        self.config = config
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self, n: int, environment: Mapping[str, str]) -> None:
        """Start `n` of them as `gan_lightning.worker`, with what a rank reads from its environment."""
        command = [sys.executable, "-m", "gan_lightning.worker", str(self.config), str(os.getpid())]
        for rank in range(1, n + 1):
            _record(self.config.parent, rank).unlink(missing_ok=True)
            self._processes.append(subprocess.Popen(command, env={**environment, "LOCAL_RANK": str(rank)}))

    @contextmanager
    def watched(self) -> Iterator[None]:
        """While this rank plays: an error that another one's failure has brought here is told as that failure.

        Where this rank hangs in a collective, for which nothing can wake it, its process ends.

        Raises:
            RankFailed: another rank has failed, and what was raised here came of it.
        """
        over = threading.Event()
        threading.Thread(target=self._watch, args=(over,), daemon=True).start()
        try:
            yield
        except (UsageError, Diverged, GoBack):  # of this rank's own, or of all together
            raise
        except Exception:
            failure = self._failure(_GLANCE)
            if failure is None:
                raise
            raise RankFailed(failure) from None
        finally:
            over.set()

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

    def _watch(self, over: threading.Event) -> None:
        failure = None
        while failure is None:
            if over.wait(_GLANCE):
                return
            failure = self._failure(0)
        if over.wait(_GRACE):
            return
        folder = self.config.parent
        status = read_status(folder)
        if status is not None and status.state == RUNNING:
            write_status(folder, status.ended(FAILED, failure))
        say(failure)
        self.end(0)
        os._exit(1)

    def _failure(self, patience: float) -> str | None:
        """Which rank has failed and why, if one has or does so within `patience` seconds: the first to say so."""
        deadline = time.monotonic() + patience
        while True:
            codes = {rank: process.poll() for rank, process in enumerate(self._processes, 1)}
            failed = {rank: _record(self.config.parent, rank) for rank, code in codes.items() if code}
            if failed:
                first = min(failed, key=lambda rank: _time(failed[rank]))
                return f"rank {first} failed: {_read(failed[first]) or died(codes[first])}"
            if time.monotonic() >= deadline:
                return None
            time.sleep(_GLANCE / 10)


def leave_reason(config: Path, rank: int, error: BaseException) -> None:
    """Write why a rank fails where the first one looks: the reason in a line, then where it came from."""
    where = "".join(traceback.format_exception(error))
    _record(config.parent, rank).write_text(f"{told(error)}\n\n{where}")


def _record(folder: Path, rank: int) -> Path:
    return folder / f"rank{rank}_error.txt"


def _time(record: Path) -> float:
    return record.stat().st_mtime if record.exists() else math.inf


def _read(record: Path) -> str | None:
    try:
        return record.read_text().splitlines()[0]
    except (OSError, IndexError):
        return None
