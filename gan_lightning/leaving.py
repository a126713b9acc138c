"""How the program's own process ends: by Ctrl-C before anything listens for it, and at once when it is done."""

import atexit
import gc
import io
import os
import signal
import sys
import threading
from contextlib import suppress
from types import FrameType
from typing import NoReturn


def leave_quietly() -> None:
    """From now on SIGINT ends this process with its exit code, 130, and no traceback; ignored it stays ignored."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _leave)


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


def leave_at_once(code: int) -> NoReturn:
    """End this process with an exit code, without Python's freeing of hundreds of thousands of objects one by one.

    What a process does at its end is done: threads that it waits for are waited for, what is registered with `atexit`
    is called, open files and both streams are flushed, and what nobody holds any more is freed, as a run with its
    callbacks is. Only finalisers of objects that somebody still holds aren't called. Where somebody else
    has called the program, a profiler or a debugger perhaps, wants to look around afterwards, or can't be told what is
    still to be told, it is `sys.exit`.
    """
    if sys.flags.interactive or sys.flags.inspect or not _is_outermost(sys._getframe(1)):
        sys.exit(code)
    threading._shutdown()  # type: ignore[attr-defined]  # as multiprocessing ends its processes
    atexit._run_exitfuncs()
    _flush_files()
    gc.collect()
    try:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    except (AttributeError, OSError, ValueError):  # none, full or a closed pipe, closed
        sys.exit(code)
    os._exit(code)


def _flush_files() -> None:
    """What was written into files that nobody has closed, the text in front of the bytes, is in them."""
    everything = gc.get_objects()
    for kind in (io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom):
        for file in [each for each in everything if type(each) is kind]:
            with suppress(Exception):  # it is closed, or its disk is full: Python ignores that too
                file.flush()


def _is_outermost(caller: FrameType | None) -> bool:
    """Whether `caller` is the program, and nothing has called that but Python itself, as a script or by `python -m`."""
    frame = caller
    while frame is not None and frame.f_globals.get("__name__") == "gan_lightning.app":
        frame = frame.f_back
    if frame is None or frame.f_code.co_name != "<module>" or frame.f_globals.get("__name__") != "__main__":
        return False
    below = frame.f_back
    while below is not None and below.f_code.co_name in ("_run_code", "_run_module_as_main"):
        below = below.f_back
    return below is None
