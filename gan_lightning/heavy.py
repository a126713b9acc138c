"""The packages whose import is most of a short command's time."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

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
    nothing else is looked for. Whoever wants anything else of it, meanwhile or afterwards, has the real one, as scipy
    left it.
    """
    if {_SIGNAL, "torchmetrics"} & sys.modules.keys():
        yield
        return
    stand_in = sys.modules[_SIGNAL] = _StandIn(_SIGNAL)
    try:
        yield
    finally:
        _withdraw(stand_in)


class _StandIn(ModuleType):
    """Has a name, and gives way to the real module where more is asked of it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.hamming = None
        self.__spec__ = ModuleSpec(name, None)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__path__":  # some look through all modules there are
            raise AttributeError(name)
        _withdraw(self)
        return getattr(import_module(self.__name__), name)


def _withdraw(stand_in: ModuleType) -> None:
    if sys.modules.get(stand_in.__name__) is stand_in:
        del sys.modules[stand_in.__name__]
