"""Modules that others import for a name or two, and that take seconds: their names stand in until more is asked for.

Whoever asks for anything else, whether a name or a module inside, has the real one, and so have all from then on.
"""

import sys
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, final

from gan_lightning.garbage import left_lying


@final
class StandIn(ModuleType):
    """Takes a module's place in `sys.modules`, which it does not import.

    Args:
        name: the module's.
        names: what it has.
        package: whether modules may be inside of it.
    """

    def __init__(self, name: str, names: dict[str, Any], package: bool = False) -> None:
        super().__init__(name)
        self.__spec__ = ModuleSpec(name, None)
        self.__dict__.update(names)
        if package:
            self.__path__: list[str] = []  # else nothing inside of it would be looked for
            if _Inside not in sys.meta_path:
                sys.meta_path.insert(0, _Inside)
        sys.modules[name] = self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # some look through all modules there are
            raise AttributeError(name)
        return getattr(self.real(), name)

    def real(self) -> ModuleType:
        """The real module, imported now if it hasn't been."""
        self.withdraw()
        with left_lying():
            return import_module(self.__name__)

    def withdraw(self) -> None:
        """Leave the place to the real module, and to those inside of it."""
        for name, module in list(sys.modules.items()):
            if isinstance(module, StandIn) and f"{name}.".startswith(f"{self.__name__}."):
                sys.modules.pop(name, None)  # another thread may have been here


@final
class _Inside:
    """Finds what is inside of a module that is stood in for, by importing that first."""

    @staticmethod
    def find_spec(name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        above = sys.modules.get(name.rpartition(".")[0])
        if not isinstance(above, StandIn):
            return None
        above.real()
        return _There(import_module(name)).spec


@final
class _There:
    """Loads a module that has been loaded; `importlib.abc.Loader` is not its base, for that takes long to import."""

    def __init__(self, module: ModuleType) -> None:
        self.module, self._real = module, module.__spec__
        self.spec = ModuleSpec(module.__name__, self)  # type: ignore[arg-type]
        self._set(self.spec)  # else it would be loaded again

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """It is made already."""
        return self.module

    def exec_module(self, module: ModuleType) -> None:
        """It has been run, and says where it is from."""
        self._set(self._real)

    def _set(self, spec: ModuleSpec | None) -> None:
        self.module.__dict__["__spec__"] = spec  # some refuse what is set
