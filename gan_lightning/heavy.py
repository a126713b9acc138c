"""The packages whose import is most of a short command's time."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

_own: list[int] = []
"""Not empty in a process that is the program's own."""


def own_process() -> None:
    """Say that nobody else's objects are in this process: `import_torch` may leave them to the exit as they are."""
    _own.append(1)


def import_torch() -> None:
    """Import torch and Lightning with Python's search for garbage out of their way, in a process of the program's own.

    They make some 700,000 objects that stay. The collector would look through all of them again and again while they
    come, and three times at the exit. What is there by the end of torch's import, two in five of them, is never
    searched, and what only that holds may not be finalised at the exit: another program's process is left alone.
    """
    if not _own or "lightning.pytorch" in sys.modules:
        return
    collects = gc.isenabled()
    gc.disable()
    try:
        import torch  # noqa: F401

        gc.freeze()  # not later: what comes with Lightning has triton, which complains at the exit where it is kept
        with _without_signal_processing():
            import lightning.pytorch  # noqa: F401
    finally:
        if collects:
            gc.enable()


@contextmanager
def _without_signal_processing() -> Iterator[None]:
    """Spare torchmetrics, which Lightning imports, the whole of `scipy.signal`.

    It is imported to add a window's former name, `hamming`, for a package of speech metrics; where the name is there,
    nothing else is looked for. Whoever imports `scipy.signal` afterwards has the real one, as scipy left it.
    """
    if {"scipy.signal", "torchmetrics"} & sys.modules.keys():
        yield
        return
    stand_in = ModuleType("scipy.signal")
    stand_in.hamming = None  # type: ignore[attr-defined]
    sys.modules["scipy.signal"] = stand_in
    try:
        yield
    finally:
        del sys.modules["scipy.signal"]
