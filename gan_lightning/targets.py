"""What a config may name as `_target_`; imports no torch."""

from collections.abc import Iterator, Mapping
from typing import Any

from gan_lightning.errors import UsageError

ALLOWED = (
    "gan_lightning.",
    "torch.nn.",
    "torch.optim.",
    "torchmetrics.",
    "lightning.Trainer",
    "lightning.pytorch.trainer.trainer.Trainer",
    "lightning.pytorch.callbacks.",
    "lightning.pytorch.loggers.",
    "lightning.pytorch.strategies.",
    "lightning.pytorch.profilers.",
)
"""What a `_target_` may start with, as it is written and where it is defined: a config from a stranger must not be able
to call anything else, and a module shows all that it imports under its own name."""


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


def texts(node: Any) -> Iterator[str]:
    """Every text in nested mappings and lists, keys among them."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield str(key)
            yield from texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from texts(value)
    elif isinstance(node, str):
        yield node


def check_written_out(text: str) -> None:
    """Raise UsageError where a resolved value is a reference again: Hydra would resolve it behind our back, and what it
    came to, a target say, would be seen by nobody."""
    if "${" in text:
        raise UsageError(f"{text} is refused: what a reference stands for is no reference again: write it out")


def check_place(target: str) -> None:
    """Raise UsageError unless the target, as it is written, is in an allowed place."""
    if not target.startswith(ALLOWED):
        raise refusal(target)


def refusal(target: str) -> UsageError:
    """The error for a target that must not be built."""
    return UsageError(f"_target_={target} is refused: a target is a class from one of {', '.join(ALLOWED)}")
