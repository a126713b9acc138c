"""Whether what a checkpoint holds is of the kind that one holds, wherever it comes from."""

from collections.abc import Iterator, Mapping
from typing import Any

from torch import Tensor

_NUMBER = (int, float, type(None))
_KINDS: dict[str, tuple[type, tuple[type, ...]]] = {
    "state_dict": (Mapping, (Tensor,)),
    "global_step": (int, (int,)),
    "epoch": (int, (int,)),
    "optimizer_states": (list, (Tensor, *_NUMBER)),
    "lr_schedulers": (list, _NUMBER),
    "loops": (Mapping, _NUMBER),
    "callbacks": (Mapping, (object,)),
    "game": (Mapping, (str, int, float)),
}
"""Of each entry: what it is, and what it is made of within nested mappings and lists."""
_NEEDED = ("state_dict", "global_step", "optimizer_states", "lr_schedulers", "loops")


def misfit(checkpoint: Mapping[str, Any]) -> str | None:
    """The first entry that is missing or of another kind, in a few words; None if there is none."""
    for name in _NEEDED:
        if name not in checkpoint:
            return f"it has no {name}"
    for name, (kind, leaves) in _KINDS.items():
        if name in checkpoint:
            if not isinstance(checkpoint[name], kind):
                return f"its {name} is of type {type(checkpoint[name]).__name__}"
            for path, leaf in _leaves(checkpoint[name], name):
                if not isinstance(leaf, leaves):
                    return f"its {path} is of type {type(leaf).__name__}"
    return None


def _leaves(node: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _leaves(value, f"{path}.{key}")
    elif isinstance(node, list | tuple):
        for index, value in enumerate(node):
            yield from _leaves(value, f"{path}.{index}")
    else:
        yield path, node
