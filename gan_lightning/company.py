"""Ranks that srun or torchrun has started: what one that fails says reaches all others, before they meet and after.

They know of each other by the files in a folder inside of the run's, which goes with the last of them:

    rankN       as long as rank N is there: on what machine; it holds a lock on it, which goes with it however it dies,
                and touches it, for the other machines
    rankN.txt   why rank N fails, in a line; of one that died without a word another one writes it
    rankN.left  rank N has ended, and knows what there is to know

Imports no torch, for a rank may fail before.
"""

import fcntl
import os
import shutil
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, final

from gan_lightning.errors import Diverged, GoBack, RankFailed, UsageError
from gan_lightning.files import replace_text
from gan_lightning.folders import missing, remove_empty
from gan_lightning.interruption import Interrupted, in_slurm
from gan_lightning.others import GLANCE, Nobody, Others
from gan_lightning.ranks import leave_reason
from gan_lightning.runs.status import FAILED, Status, begun, read_status, told, write_status
from gan_lightning.started import outside, rank, ranks, start_name

_PATIENCE = 3  # seconds for this process to see by itself that another one has failed
_SETTLED = 10  # seconds until what lay there is believed, outside of SLURM: of an earlier start of this name, perhaps
_BEAT = 20  # looks at the folder between two touches, and two looks at those of other machines
_SILENCE = 18  # of the latter without a touch, until a rank is taken for dead: 3 minutes
WORD = 2
"""Seconds for word of another one's failure to come, where something was raised that may come of it."""
_LINGER = 15  # seconds for the others to hear why this process fails
_GONE = "its process is gone without a word, killed or out of memory perhaps"


@final
class Company(Others):
    """All ranks of such a run.

    Args:
        folder: the run's, on a file system that all see.
        status: the run's as it begins, for the first rank to record a failure in.

    Raises:
        UsageError: the folder can't be written to.
    """

    def __init__(self, folder: Path, status: Status) -> None:
        super().__init__(folder, _PATIENCE)
        self.rank, self.status = rank(), status
        self.place = folder / f"ranks.{start_name()}"
        self._others = [other for other in range(ranks()) if other != self.rank]
        self._began = time.monotonic()
        self._looks = 0
        self._machines: dict[int, str] = {}
        self._quiet: dict[int, tuple[int, int]] = {}
        self._told: set[int] = set()
        try:
            self.place.mkdir(parents=True, exist_ok=True)
            for old in (self._of(self.rank, ".left"), self._of(self.rank, ".txt")):
                old.unlink(missing_ok=True)
            self._held = self._come()
        except OSError as error:
            raise UsageError(f"{folder} can't be written to ({error.strerror}): set hydra.run.dir=FOLDER") from error
        self._old = set() if in_slurm() else self._listed()

    @contextmanager
    def together(self) -> Iterator[None]:
        """As long as this rank takes part: what it fails of, the others come to know.

        Raises:
            RankFailed: another rank has failed, and what was raised here came of it.
        """
        try:
            with self.watched(), self.explained(0):
                yield
        except (Diverged, GoBack, RankFailed):
            raise
        except Interrupted as stopped:
            if stopped.iteration is None:  # the others have not agreed to it
                self.tell(self.rank, f"stopped by {stopped.reason}")
            raise
        except Exception as error:
            self.tell(self.rank, told(error))
            if not isinstance(error, UsageError):
                leave_reason(self.folder, self.rank, error)
            raise
        except KeyboardInterrupt:
            self.tell(self.rank, f"stopped by {signal.SIGINT.name}")
            raise
        finally:
            self.leave()

    def look(self) -> str | None:
        """By what they have left, or that one of this machine is gone, or one of another says nothing any more."""
        self._looks += 1
        there = self._listed()
        if self._looks % _BEAT == 0:
            with suppress(OSError):
                os.utime(self._of(self.rank))
        for other in self._others:
            if f"rank{other}" in there and f"rank{other}.txt" not in there and self._is_gone(other):
                self.tell(other, _GONE)
                there.add(f"rank{other}.txt")
        words = {other: self._word(other) for other in self._others if f"rank{other}.txt" in there}
        failed = {other: word for other, word in words.items() if word is not None}
        if not failed:
            return None
        first = min(failed, key=lambda other: failed[other])
        return f"rank {first} failed: {failed[first][1]}"

    def tell(self, about: int, reason: str) -> None:
        """Leave a reason where the others look."""
        self._told.add(about)
        with suppress(OSError):  # a full disk, say: they will miss this rank
            self.place.mkdir(parents=True, exist_ok=True)  # a mistake may have taken the run's folder away
            replace_text(self._of(about, ".txt"), f"{reason}\n")

    def leave(self) -> None:
        """End in good order; behind a failure, once the others know of it. The last one leaves nothing behind."""
        deadline = time.monotonic() + (_LINGER if self._told else 0)
        while time.monotonic() < deadline and not all(map(self._knows, self._others)):
            time.sleep(GLANCE / 5)
        with suppress(OSError):
            for mine in {self.rank, *self._told}:
                self._of(mine, ".left").touch()
                self._of(mine).unlink(missing_ok=True)
            if all(self._of(other, ".left").exists() for other in self._others):
                shutil.rmtree(self.place, ignore_errors=True)
        self._held.close()

    def record(self, failure: str) -> None:
        """Of a new run also before it has said `running`."""
        if self.rank == 0 and read_status(self.folder) is None:
            write_status(self.folder, self.status.ended(FAILED, failure))
        super().record(failure)

    def _come(self) -> IO[str]:
        """Be there, with a lock from the first moment at which anybody can see it."""
        part = self._of(self.rank, f".{os.getpid()}")
        file = part.open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            file.write(_machine())
            file.flush()
        except OSError:  # a network's file system may know no locks: it is known by its touches alone
            pass
        part.replace(self._of(self.rank))
        return file

    def _is_gone(self, other: int) -> bool:
        try:
            with self._of(other).open() as file:
                machine = self._machines.setdefault(other, file.read())
                touched = os.fstat(file.fileno()).st_mtime_ns
                gone = _takes(file) if machine == _machine() else self._is_silent(other, touched)
            leaves = not self._of(other).exists()  # takes it away before it lets go of it
            return gone and not leaves and self._settled(f"rank{other}")
        except OSError:
            return False

    def _is_silent(self, other: int, touched: int) -> bool:
        """Whether one of another machine is: the first looks at all of them, they at the first."""
        if 0 not in (self.rank, other) or self._looks % _BEAT:
            return False
        before, looks = self._quiet.get(other, (0, 0))
        self._quiet[other] = touched, (looks + 1 if touched == before else 0)
        return self._quiet[other][1] >= _SILENCE  # no seconds: a job may be suspended as a whole

    def _listed(self) -> set[str]:
        try:
            return set(os.listdir(self.place))
        except OSError:
            return set()

    def _knows(self, other: int) -> bool:
        return self._of(other, ".left").exists() or self._of(other, ".txt").exists()

    def _settled(self, name: str) -> bool:
        return name not in self._old or time.monotonic() - self._began >= _SETTLED

    def _word(self, other: int) -> tuple[float, str] | None:
        """When it failed and why."""
        path = self._of(other, ".txt")
        try:
            return (path.stat().st_mtime, path.read_text().strip()) if self._settled(path.name) else None
        except OSError:
            return None

    def _of(self, of: int, ending: str = "") -> Path:
        return self.place / f"rank{of}{ending}"


def _takes(file: IO[str]) -> bool:
    """Whether nobody holds it."""
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _machine() -> str:
    """Names this machine, whose locks can be trusted, as long as it is up."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return socket.gethostname()


@contextmanager
def company(config: Any, status: Status) -> Iterator[Others]:
    """Take part, where this process is one of several ranks that somebody else has started.

    Args:
        config: the composed one, whose folder is known.
        status: the run's as it begins.
    """
    folder = Path(config.folder)
    if not outside() or "strategy" not in config.trainer:
        yield Nobody(folder)
        return
    others = Company(folder, status)
    with others.together():
        yield others


def announce(folder: Path, error: UsageError) -> None:
    """Let the other ranks know of a mistake that has kept this one from taking part; made by all, it leaves nothing."""
    made = missing(folder.absolute())
    with suppress(UsageError):  # nothing can be left there
        others = Company(folder, begun([]))
        others.tell(others.rank, told(error))
        others.leave()
    remove_empty(made)
