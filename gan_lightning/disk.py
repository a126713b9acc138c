"""What is said when a disk is full; imports no torch."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gan_lightning.errors import UsageError
from gan_lightning.runs.whole import numbered


def is_full(error: BaseException) -> bool:
    """Whether an error says that a disk, or its user's share of it, has no room left."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def enough_room(folder: Path) -> Iterator[None]:
    """For what writes into a run's folder. Raises UsageError where the disk is full, with how to go on."""
    try:
        yield
    except OSError as error:
        if not is_full(error):
            raise
        on = f"resume={folder} goes on" if numbered(folder / "checkpoints") else "start again"
        raise UsageError(f"{error.filename or folder}: {error.strerror}: make room, then {on}") from error
