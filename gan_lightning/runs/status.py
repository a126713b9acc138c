"""`status.json` in a run's folder: whether it runs, finished, failed, diverged or was stopped; imports no torch."""

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, final

from gan_lightning.disk import is_full
from gan_lightning.errors import Diverged, RankFailed, UsageError
from gan_lightning.files import overwrite_text, replace_text
from gan_lightning.interruption import Interrupted

FILE = "status.json"
RUNNING, FINISHED, FAILED, DIVERGED = "running", "finished", "failed", "diverged"
INTERRUPTED = "interrupted"
"""Stopped by its user."""
KILLED = "killed"
"""Never written: what `running` means when the process is gone."""
COMPLETE = (FINISHED, DIVERGED)
"""A run that came to its end: running it again would give the same."""

_KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("state", "host"), (str,)),
    **dict.fromkeys(("started", "seconds"), (int, float)),
    "reason": (str, type(None)),
    "pid": (int,),
    "overrides": (list,),
    "varied": (dict,),
    "trial": (int, type(None)),
}


@dataclass(frozen=True)
class Status:
    """What is known of a run from outside."""

    state: str
    reason: str | None
    """Of anything but `finished` and `running`, in one line."""
    started: float
    """Seconds since the epoch."""
    seconds: float
    """From then to the end, or to when this was written."""
    pid: int
    host: str
    overrides: list[str] = field(default_factory=list)
    """As they were written on the command line."""
    varied: dict[str, Any] = field(default_factory=dict)
    """Of a sweep's job: the keys that differ between jobs, under short names."""
    trial: int | None = None
    """Of a search's job: what the search calls it."""

    @property
    def now(self) -> str:
        """The state, or `killed` where it says `running` of a process of this machine that is gone."""
        if self.state == RUNNING and self.host == socket.gethostname() and not _alive(self.pid):
            return KILLED
        return self.state

    def ended(self, state: str, reason: str | None = None) -> "Status":
        """The same run, at its end."""
        one_line = None if reason is None else " ".join(reason.split())
        return replace(self, state=state, reason=one_line, seconds=round(time.time() - self.started, 1))


def begun(overrides: Sequence[str], varied: Mapping[str, Any] | None = None, trial: int | None = None) -> Status:
    """A run that begins now, in this process."""
    here = os.getpid(), socket.gethostname()
    return Status(RUNNING, None, time.time(), 0.0, *here, list(overrides), dict(varied or {}), trial)


def write_status(folder: Path, status: Status) -> None:
    """Write it at once or not at all; on a full disk over what is there, in the room that this has."""
    path, text = folder / FILE, json.dumps(asdict(status), indent=1) + "\n"
    try:
        replace_text(path, text)
    except OSError as error:
        if not is_full(error) or not path.is_file():
            raise
        overwrite_text(path, text)


def read_status(folder: Path) -> Status | None:
    """The status of a run's folder; None where there is none, or a damaged one, or another version's."""
    try:
        status = Status(**json.loads((folder / FILE).read_text()))
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    return status if _sound(status) else None


def _sound(status: Status) -> bool:
    """Whether each field is of its type, as JSON does not say."""
    fields = all(isinstance(getattr(status, name), kinds) for name, kinds in _KINDS.items())
    return fields and all(isinstance(override, str) for override in status.overrides)


@final
class Verdict:
    """What a recorded run says of itself before it ends."""

    diverged: str | None = None
    """Why it has diverged, in one line."""


@contextmanager
def recorded(folder: Path, status: Status) -> Iterator[Verdict]:
    """Keep `status.json` true to what happens inside; whatever is raised passes through."""
    status = replace(status, pid=os.getpid(), started=time.time())  # not when its process was asked for
    write_status(folder, status)
    verdict = Verdict()
    try:
        yield verdict
    except Diverged as error:
        _try_to_write(folder, status.ended(DIVERGED, str(error)))
        raise
    except Exception as error:
        _try_to_write(folder, status.ended(FAILED, told(error)))
        raise
    except Interrupted as error:
        _try_to_write(folder, status.ended(INTERRUPTED, error.reason))
        raise
    except BaseException as error:  # Ctrl-C before anything listened
        _try_to_write(folder, status.ended(INTERRUPTED, type(error).__name__))
        raise
    diverged = verdict.diverged
    _try_to_write(folder, status.ended(FINISHED if diverged is None else DIVERGED, diverged))


def _try_to_write(folder: Path, status: Status) -> None:
    """How a run ended matters more than a folder that can't be written to, which is told in a line."""
    try:
        write_status(folder, status)
    except OSError as error:
        told = f"{folder / FILE} can't be written ({error.strerror}): the run is {status.state}, whatever stands there"
        print(f"gan_lightning: {told}", file=sys.stderr, flush=True)


def told(error: BaseException) -> str:
    """An exception, or what caused it, in one line."""
    while not isinstance(error, UsageError | RankFailed) and error.__cause__ is not None:
        error = error.__cause__
    if isinstance(error, UsageError | RankFailed):
        return str(error)
    first = " ".join(str(error).split())[:300]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__


def died(exitcode: int | None) -> str:
    """Why a process that left no reason has ended, as far as its exit code tells, in a few words."""
    if exitcode is None or exitcode >= 0:
        return f"its process ended with exit code {exitcode}"
    name = signal.Signals(-exitcode).name
    return f"killed by {name}" + (", out of memory perhaps" if name == "SIGKILL" else "")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):  # no process has a number like that
        return False
    except OSError:  # it is somebody else's
        return True
    return True
