"""The one place where config nodes become objects."""

from collections.abc import Iterator, Mapping
from typing import Any

from hydra.errors import InstantiationException
from hydra.utils import instantiate
from lightning.fabric.utilities.exceptions import MisconfigurationException
from omegaconf import OmegaConf

from gan_lightning.errors import UsageError

ALLOWED = (
    "gan_lightning.",
    "torch.nn.",
    "torch.optim.",
    "torchmetrics.",
    "lightning.Trainer",
    "lightning.pytorch.callbacks.",
    "lightning.pytorch.loggers.",
    "lightning.pytorch.strategies.",
    "lightning.pytorch.profilers.",
)
"""What a `_target_` may start with: a config from a stranger must not be able to call anything else."""

MISTAKES = (TypeError, ValueError, ImportError, AttributeError, MisconfigurationException)
"""What a constructor raises when it is given the wrong settings."""


def build(node: Any, *args: Any, **kwargs: Any) -> Any:
    """Make what a config node describes: plain containers in, the `_target_`'s object out.

    Raises:
        UsageError: a target outside `ALLOWED`, or settings that the target does not take.
    """
    plain: Any = OmegaConf.to_container(node, resolve=True) if OmegaConf.is_config(node) else node
    for target in targets(plain):
        if not target.startswith(ALLOWED):
            raise UsageError(f"_target_={target} is refused: a target starts with one of {', '.join(ALLOWED)}")
    try:
        return instantiate(plain, *args, _convert_="all", **kwargs)
    except InstantiationException as error:
        cause = error.__cause__
        if isinstance(cause, UsageError):
            raise cause from None
        if cause is None or isinstance(cause, MISTAKES):
            reason = str(error if cause is None else cause).splitlines()[0]
            raise UsageError(f"can't build {plain['_target_']}: {reason}") from error
        raise


def targets(node: Any) -> Iterator[str]:
    """Every `_target_` in nested mappings and lists."""
    if isinstance(node, Mapping):
        if "_target_" in node:
            yield str(node["_target_"])
        for value in node.values():
            yield from targets(value)
    elif isinstance(node, list):
        for value in node:
            yield from targets(value)

