"""What several processes share: gradients, averaged in one flat buffer, and what they decide."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, TypeVar

import torch
from torch import Tensor
from torch import distributed as dist

_Thing = TypeVar("_Thing")
_between_cpus: dict[Any, Any] = {}
"""Of each group of all processes, the one that needs no device."""


def average(value: Tensor) -> Tensor:
    """The mean of a tensor over all processes; alone, the tensor itself."""
    if not _several():
        return value
    total = value.clone()
    dist.all_reduce(total)
    return total / dist.get_world_size()


def gather(thing: _Thing) -> list[_Thing]:
    """What each process has, in the order of their ranks; alone, what this one has."""
    if not _several():
        return [thing]
    things: list[_Thing] = [thing] * dist.get_world_size()
    dist.all_gather_object(things, thing)
    return things


def average_gradients(parameters: Iterable[Tensor]) -> None:
    """Replace each gradient by its mean over all processes, with a single all-reduce; alone, do nothing."""
    if not _several():
        return
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    dist.all_reduce(flat)
    flat /= dist.get_world_size()
    pieces = flat.split([gradient.numel() for gradient in gradients])
    torch._foreach_copy_(gradients, [piece.view_as(g) for piece, g in zip(pieces, gradients, strict=True)])


def agree(vote: int) -> int:
    """The largest vote of all processes, on each of them; alone, the vote itself.

    It goes between CPUs, so that no device has to finish its work for it.
    """
    if not _several():
        return vote
    votes = torch.tensor([vote])
    dist.all_reduce(votes, dist.ReduceOp.MAX, group=_between_cpus[dist.group.WORLD])
    return int(votes)


def connect_cpus(patience: timedelta) -> None:
    """Make the group of all processes that needs no device, for votes; torch's own patience would be half an hour."""
    if dist.group.WORLD not in _between_cpus:
        _between_cpus[dist.group.WORLD] = dist.new_group(backend="gloo", timeout=patience)


def _several() -> bool:
    return dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1
