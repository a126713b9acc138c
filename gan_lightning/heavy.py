"""The packages whose import is most of a short command's time."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from gan_lightning.garbage import left_lying
from gan_lightning.no_compiler import without_compiler
from gan_lightning.stand_ins import StandIn

_SIGNAL = "scipy.signal"
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
    with left_lying():
        import torch  # noqa: F401

        without_compiler()
        gc.freeze()  # not later: triton, which may come with Lightning, complains at the exit where it is kept
        with _without_signal_processing():
            import lightning.pytorch  # noqa: F401


@contextmanager
def _without_signal_processing() -> Iterator[None]:
    """Spare torchmetrics, which Lightning imports, the whole of `scipy.signal`.

    It is imported to add a window's former name, `hamming`, for a package of speech metrics; where the name is there,
    nothing else is looked for. Afterwards it is as scipy left it.
    """
    if {_SIGNAL, "torchmetrics"} & sys.modules.keys():
        yield
        return
    stand_in = StandIn(_SIGNAL, {"hamming": None}, package=True)
    try:
        yield
    finally:
        stand_in.withdraw()
