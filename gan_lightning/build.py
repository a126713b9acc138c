"""The one place where config nodes become objects."""

from collections.abc import Mapping
from typing import Any

from hydra._internal.utils import _locate  # what `instantiate` itself finds a target with
from hydra.errors import InstantiationException
from hydra.utils import instantiate
from lightning.fabric.utilities.exceptions import MisconfigurationException
from omegaconf import OmegaConf

from gan_lightning.errors import UsageError
from gan_lightning.targets import ALLOWED, check_place, check_written_out, refusal, targets, texts

MISTAKES: tuple[type[Exception], ...] = (
    *(TypeError, ValueError, ImportError, AttributeError),
    *(MisconfigurationException, InstantiationException),
)
"""What a constructor raises when it is given the wrong settings."""
OWN = "gan_lightning."
"""What the classes of this package begin with."""
FOREIGN = (*MISTAKES, RuntimeError, LookupError, AssertionError, OSError)
"""What one of another package may raise then too; of this one's these are nobody's mistake."""


def build(node: Any, *args: Any, **kwargs: Any) -> Any:
    """Make what a config node describes: plain containers in, the `_target_`'s object out.

    Raises:
        UsageError: no target, one that isn't a class from `ALLOWED`, a value that would be a reference once more, or
            settings that the target does not take.
    """
    plain: Any = OmegaConf.to_container(node, resolve=True) if OmegaConf.is_config(node) else node
    if not isinstance(plain, Mapping) or "_target_" not in plain:
        raise UsageError(f"{plain!r} describes nothing that can be built: name its class as _target_")
    for text in texts(plain):
        check_written_out(text)
    for target in targets(plain):
        located(target)
    try:
        return instantiate(plain, *args, _convert_="all", **kwargs)
    except (InstantiationException, TypeError) as error:  # the latter of Hydra's own keys, as _partial_
        cause = error.__cause__
        if isinstance(cause, UsageError):
            raise cause from None
        mistakes = MISTAKES if str(plain["_target_"]).startswith(OWN) else FOREIGN
        if cause is None or isinstance(cause, mistakes):
            reason = in_brief(error if cause is None else cause)
            raise UsageError(f"can't build {plain['_target_']}: {reason}") from error
        raise


def in_brief(error: BaseException) -> str:
    """The first line of what an exception says; its class where it says nothing."""
    return next(iter(str(error).splitlines()), "") or type(error).__name__


def located(target: str) -> type:
    """The class that a `_target_` names; imports nothing from elsewhere to find out.

    Raises:
        UsageError: it isn't a class defined in an allowed place, or there is none of that name.
    """
    check_place(target)
    try:
        found = _locate(target)
    except (ImportError, ValueError) as error:
        raise UsageError(f"can't build {target}: {' '.join(str(error).splitlines()[1:]) or error}") from error
    if not (isinstance(found, type) and f"{found.__module__}.{found.__qualname__}".startswith(ALLOWED)):
        raise refusal(target)
    return found
