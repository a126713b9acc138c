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

MISTAKES = (TypeError, ValueError, ImportError, AttributeError, MisconfigurationException)
"""What a constructor raises when it is given the wrong settings."""


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
        _check(target)
    try:
        return instantiate(plain, *args, _convert_="all", **kwargs)
    except (InstantiationException, TypeError) as error:  # the latter of Hydra's own keys, as _partial_
        cause = error.__cause__
        if isinstance(cause, UsageError):
            raise cause from None
        if cause is None or isinstance(cause, MISTAKES):
            reason = str(error if cause is None else cause).splitlines()[0]
            raise UsageError(f"can't build {plain['_target_']}: {reason}") from error
        raise


def _check(target: str) -> None:
    """Refuse what isn't a class defined in an allowed place; import nothing from elsewhere to find out."""
    check_place(target)
    try:
        found = _locate(target)
    except (ImportError, ValueError) as error:
        raise UsageError(f"can't build {target}: {' '.join(str(error).splitlines()[1:]) or error}") from error
    if not (isinstance(found, type) and f"{found.__module__}.{found.__qualname__}".startswith(ALLOWED)):
        raise refusal(target)
