"""The other processes of a run as one of them sees them: whether one has failed, and what then becomes of this one."""

import os
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import final

from gan_lightning.errors import Diverged, GoBack, RankFailed, UsageError, say
from gan_lightning.runs.status import FAILED, RUNNING, read_status, write_status
from gan_lightning.runs.whole import numbered

GLANCE = 0.5
"""Seconds between two looks at the others."""
GRACE = 15
"""Seconds for a process to notice by itself that another one is gone."""


class Others(ABC):
    """All processes of a run but this one.

    Args:
        folder: the run's.
        patience: seconds for this process to see by itself that another one has failed.
    """

    def __init__(self, folder: Path, patience: float) -> None:
        self.folder, self.patience = folder, patience

    @abstractmethod
    def look(self) -> str | None:
        """Which rank has failed and why, the first to do so, in one line; None if none has."""

    @abstractmethod
    def leave(self) -> None:
        """What is to be done about them before this process ends on the spot."""

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Inside, this process ends where it hangs because another one has failed: nothing else could wake it."""
        over = threading.Event()
        threading.Thread(target=self._watch, args=(over,), daemon=True).start()
        try:
            yield
        finally:
            over.set()

    @contextmanager
    def explained(self, patience: float) -> Iterator[None]:
        """Inside, an error that another one's failure has brought here is told as that failure.

        Args:
            patience: seconds to wait for word of it.

        Raises:
            RankFailed: another rank has failed, and what was raised here came of it.
        """
        try:
            yield
        except (UsageError, Diverged, GoBack, RankFailed):  # of this rank's own, or of all together
            raise
        except Exception:
            failure = self._wait(patience)
            if failure is None:
                raise
            raise RankFailed(failure) from None

    def record(self, failure: str) -> None:
        """Put it into the run's status, if that still says `running` of this process."""
        status = read_status(self.folder)
        if status is not None and (status.state, status.pid) == (RUNNING, os.getpid()):
            write_status(self.folder, status.ended(FAILED, failure))

    def _wait(self, patience: float) -> str | None:
        deadline = time.monotonic() + patience
        failure = self.look()
        while failure is None and time.monotonic() < deadline:
            time.sleep(GLANCE / 10)
            failure = self.look()
        return failure

    def _watch(self, over: threading.Event) -> None:
        failure = None
        while failure is None:
            if over.wait(GLANCE):
                return
            failure = self.look()
        if over.wait(self.patience):
            return
        with suppress(OSError):  # a full disk, say
            self.record(failure)
        say(failure + advice(self.folder))
        self.leave()
        os._exit(1)


@final
class Nobody(Others):
    """A run of one process, or one whose processes all come from this one."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, GRACE)

    def look(self) -> str | None:
        """None fails."""
        return None

    def leave(self) -> None:
        """There is nobody."""


def advice(folder: Path) -> str:
    """How to go on behind a failure, to be added to it; nothing where nothing was saved."""
    return f"; resume={folder} goes on" if numbered(folder / "checkpoints") else ""
