"""One process at a time in a run's folder: a lock that goes with its holder, however that dies."""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from gan_lightning.errors import UsageError
from gan_lightning.folders import remove_empty


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the folder inside. Raises UsageError where another process holds it; file systems without locks let all in.

    Nothing is written: what is locked is the folder itself.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise UsageError(f"{folder} is in use by a process that trains there: wait for it, or stop it") from None
    except OSError:  # a network's file system may know no locks
        pass
    try:
        yield
    finally:
        os.close(descriptor)


def discard(made: Sequence[Path]) -> None:
    """Remove folders that were made for a run, innermost first, if they are empty and nobody trains there."""
    if made and made[0].exists():
        with suppress(UsageError), alone(made[0]):
            remove_empty(made)
