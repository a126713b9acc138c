"""The matrix products and convolutions that an iteration consists of, and how long they take by themselves."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from lightning import Callback, Trainer
from opponents import clock
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map_only
from torch.utils.flop_counter import flop_registry

COUNTED = {**flop_registry, torch.ops.aten.addmm_: flop_registry[torch.ops.aten.addmm]}
"""Operations that multiply, and how much; torch's list has no product that is added to what is there."""
TRIES, LONG, MOST = 10, 1e-3, 1000
"""Of a measurement; the seconds that a try takes at least, up to so many calls."""


def quickest(work: Callable[[], Any]) -> float:
    """Seconds of a call, the least of some tries; behind one that warms up."""
    work()
    return min(_seconds(work, _calls(work)) for _ in range(TRIES))


def _seconds(work: Callable[[], Any], calls: int) -> float:
    begun = clock()
    for _ in range(calls):
        work()
    return (clock() - begun) / calls


def _calls(work: Callable[[], Any]) -> int:
    return min(MOST, int(LONG / _seconds(work, 1)) + 1)


@dataclass(frozen=True)
class Layout:
    """Of a tensor: (shape), strides, and in what it is."""

    shape: tuple[int, ...]
    stride: tuple[int, ...]
    dtype: torch.dtype
    device: torch.device

    @classmethod
    def of(cls, tensor: Tensor) -> "Layout":
        """A tensor's."""
        return cls(tuple(tensor.shape), tensor.stride(), tensor.dtype, tensor.device)

    def filled(self) -> Tensor:
        """Such a tensor of random numbers."""
        length = 1 + sum((n - 1) * step for n, step in zip(self.shape, self.stride, strict=True))
        return torch.randn(length, dtype=self.dtype, device=self.device).as_strided(self.shape, self.stride)


@dataclass
class Kernel:
    """An operation and its arguments, of tensors their layouts."""

    operation: Callable[..., Any]
    arguments: tuple[Any, ...]
    options: dict[str, Any]
    calls: int = field(default=0, repr=False)

    def alone(self) -> float:
        """Seconds of a call, on random numbers, at its quickest."""
        arguments, options = tree_map_only(Layout, Layout.filled, (self.arguments, self.options))
        return quickest(partial(self.operation, *arguments, **options))


class Record(TorchDispatchMode):
    """Adds up the arithmetic of products and convolutions, and the bytes of every operation's tensors but of views;
    keeps each kind of product and convolution, by its arguments."""

    def __init__(self) -> None:
        super().__init__()
        self.flops, self.bytes = 0, 0
        self.kernels: dict[str, Kernel] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        found = func(*args, **(kwargs or {}))
        if func._overloadpacket in COUNTED:
            self.flops += COUNTED[func._overloadpacket](*args, **(kwargs or {}), out_val=found)
            kernel = Kernel(func, *tree_map_only(Tensor, Layout.of, (args, kwargs or {})))
            self.kernels.setdefault(repr(kernel), kernel).calls += 1
        if not func.is_view:
            tensors = [leaf for leaf in tree_leaves((args, kwargs, found)) if isinstance(leaf, Tensor)]
            self.bytes += sum(tensor.nbytes for tensor in tensors)
        return found

    def alone(self) -> float:
        """Seconds of all products and convolutions, each by itself, at its quickest."""
        return sum(kernel.calls * kernel.alone() for kernel in self.kernels.values())


class Recording(Callback):
    """Has what is computed in the second iteration recorded, when optimizers have their state."""

    def __init__(self) -> None:
        self.record = Record()

    def on_train_batch_start(self, trainer: Trainer, *rest: Any) -> None:
        """Begin."""
        if trainer.global_step == 1:
            self.record.__enter__()

    def on_train_batch_end(self, trainer: Trainer, *rest: Any) -> None:
        """End."""
        if trainer.global_step == 2:
            self.record.__exit__(None, None, None)
