"""The packages whose import is most of a short command's time."""

import atexit
import gc
import sys


def import_torch() -> None:
    """Import torch and Lightning, with Python's search for garbage out of their way; nothing where they are there.

    They make about a million objects that stay. The collector would look through all of them again and again while they
    come, and three times at the exit.
    """
    if "lightning.pytorch" in sys.modules:
        return
    collects = gc.isenabled()
    gc.disable()
    try:
        import torch  # noqa: F401

        gc.freeze()  # not later: what comes with Lightning has triton, which complains at the exit where it is kept
        import lightning.pytorch  # noqa: F401
    finally:
        if collects:
            gc.enable()
    atexit.register(gc.disable)  # of the three searches one is left
