"""torch's compiler, `torch._dynamo`, which torchvision, Lightning and torch's optimizers import: until it is needed.

It is about a quarter of what a run imports. They ask of it whether something is compiled, and have it leave functions
alone, which it does as long as it isn't there.
"""

import functools
import sys
from collections.abc import Callable
from types import FunctionType, MethodType
from typing import Any, final

from gan_lightning.stand_ins import StandIn

_NAME = "torch._dynamo"


def without_compiler() -> None:
    """Put it off, if it has not been imported: whatever else is asked of it imports it."""
    if _NAME not in sys.modules:
        utils = StandIn(f"{_NAME}.utils", {"is_compile_supported": _is_compile_supported})
        names = {"OptimizedModule": OptimizedModule, "disable": disable, "graph_break": graph_break, "utils": utils}
        StandIn(_NAME, names, package=True)


def _there(name: str) -> Any:
    """What the compiler has of that name; None where it isn't there, or not yet, while it is being imported."""
    found = sys.modules.get(_NAME)
    return None if isinstance(found, StandIn) else getattr(found, name, None)


def _real() -> Any:
    found = sys.modules[_NAME]
    return found.real() if isinstance(found, StandIn) else found


class _Compiled(type):
    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, _there("OptimizedModule") or ())


@final
class OptimizedModule(metaclass=_Compiled):
    """Of which a module that was compiled is an instance."""


def disable(function: Any = None, recursive: bool = True, **options: Any) -> Any:
    """The function, which the compiler, once it is there, leaves alone; options are those of torch's version.

    Anything but a function, a module or a class say, becomes what the real one makes of it.
    """
    if function is None:
        return functools.partial(disable, recursive=recursive, **options)
    if not isinstance(function, FunctionType | MethodType):
        return _real().disable(function, recursive, **options)
    left_alone: list[Callable[..., Any]] = []

    @functools.wraps(function)
    def either(*args: Any, **kwargs: Any) -> Any:
        if not left_alone:
            leave_alone = _there("disable")
            if leave_alone is None:
                return function(*args, **kwargs)
            left_alone.append(leave_alone(function, recursive, **options))
        return left_alone[0](*args, **kwargs)

    return either


def graph_break(*said: str) -> None:
    """Nothing, outside of what is compiled."""


def _is_compile_supported(device_type: str) -> bool:
    return bool(_real().utils.is_compile_supported(device_type))
