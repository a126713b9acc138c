"""What the numbers of a game must be: finite, and weights within bounds that no training ever reached."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

LARGEST = 1e4
"""No weight of a network that has learnt anything is beyond this: initial ones are below 1, updates below the rate."""


def weights_verdict(weights: list[Tensor]) -> Tensor:
    """A scalar on the weights' device, without waiting for it: 0 only if `unsound_weights` has nothing to say."""
    norms = torch.stack(torch._foreach_norm(weights))  # no entry is larger than its tensor's norm
    return (norms * 0).sum() + (norms > LARGEST).sum()


def unsound_weights(weights: Iterable[tuple[str, Tensor]]) -> str | None:
    """What is wrong with named weights, in a few words; None if nothing is."""
    for name, weight in weights:
        if not bool(weight.isfinite().all()):
            return f"the weights are not finite, {name} first"
        if (largest := float(weight.detach().abs().max())) > LARGEST:
            return f"the weights have grown without bound, {name} to {largest:.2g}"
    return None


def unsound_state(state: Any, name: str) -> str | None:
    """The name of the first floating tensor in nested containers that isn't finite, below `name`; None if none is."""
    for path, tensor in _tensors(state, name):
        if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
            return path
    return None


def _tensors(state: Any, name: str) -> Iterator[tuple[str, Tensor]]:
    if isinstance(state, Tensor):
        yield name, state
    elif isinstance(state, Mapping):
        for key, value in state.items():
            yield from _tensors(value, f"{name}.{key}")
    elif isinstance(state, list | tuple):
        for index, value in enumerate(state):
            yield from _tensors(value, f"{name}.{index}")
