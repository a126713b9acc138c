"""Ctrl-C before anything else has been imported, and where nothing listens for it."""

import signal
import sys
from types import FrameType


def leave_quietly() -> None:
    """From now on SIGINT ends this process with its exit code, 130, and no traceback; ignored it stays ignored."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _leave)


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)
