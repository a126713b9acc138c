"""How near to what the machine can do: `python tests/benchmarks/floor.py [WORKLOAD ...]`.

Counts the multiplications and additions of one iteration (matrix products and convolutions, their derivatives too), and
the bytes that its operations read and write, measures this machine's rate of each, and prints the share of an
iteration's time that the arithmetic alone would take. Bytes count every operation's operands, as if none stayed in a
cache: small games beat that figure. THREADS is read from the environment.
"""

import statistics
import sys
from collections.abc import Callable
from typing import Any

import torch
from iteration import QUIET, WORKLOADS, ready, recipes, rounds
from opponents import clock
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import flop_registry

SIDE, TRIES = 1024, 15


class Count(TorchDispatchMode):
    """Adds up the arithmetic of products and convolutions, and the bytes of every operation's tensors but of views."""

    def __init__(self) -> None:
        super().__init__()
        self.flops, self.bytes = 0, 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        found = func(*args, **(kwargs or {}))
        if func._overloadpacket in flop_registry:
            self.flops += flop_registry[func._overloadpacket](*args, **(kwargs or {}), out_val=found)
        if not func.is_view:
            tensors = [leaf for leaf in tree_leaves((args, kwargs, found)) if isinstance(leaf, torch.Tensor)]
            self.bytes += sum(tensor.nbytes for tensor in tensors)
        return found


def quickest(work: Callable[[], Any]) -> float:
    """Seconds of the quickest of some tries."""
    seconds = []
    for _ in range(TRIES):
        begun = clock()
        work()
        seconds.append(clock() - begun)
    return min(seconds)


def rates() -> tuple[float, float]:
    """Floating-point operations and bytes a second: of a square matrix product, and of a copy beyond any cache."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    side = SIDE * (8 if device == "cuda" else 1)
    left, right = torch.randn(2, side, side, device=device)
    long = torch.zeros(2**26, device=device)
    other = torch.empty_like(long)
    return 2 * side**3 / quickest(lambda: left @ right), 2 * long.nbytes / quickest(lambda: other.copy_(long))


def counted(name: str) -> tuple[float, float]:
    """Operations and bytes of one iteration, by hand: the same arithmetic as the framework's."""
    peer = recipes(WORKLOADS[name])["lean, same levers"].make()
    peer.run(1)  # optimizers make their state
    with Count() as count:
        peer.run(1)
    return float(count.flops), float(count.bytes)


def main() -> None:
    """Count and time the workloads that are asked for, or all."""
    ready()
    for name in sys.argv[1:] or WORKLOADS:
        flop_rate, byte_rate = rates()  # each time: a shared machine's drift
        print(
            f"{torch.get_num_threads()} thread(s): {flop_rate / 1e9:.0f} GFLOP/s, {byte_rate / 1e9:.1f} GB/s (float32)"
        )
        flops, moved = counted(name)
        found = rounds(WORKLOADS[name], QUIET, 3, [])
        ours = statistics.median(round["framework"] for round in found) / WORKLOADS[name].block
        floor = flops / flop_rate
        print(
            f"{name:15} {flops / 1e9:9.3f} GFLOP {floor * 1e3:9.3f} ms, {moved / 1e6:9.1f} MB "
            f"{moved / byte_rate * 1e3:9.3f} ms; framework {ours * 1e3:9.3f} ms, arithmetic {floor / ours:.0%}",
            flush=True,
        )


if __name__ == "__main__":
    main()
