"""How near to what the machine can do: `python tests/benchmarks/floor.py [WORKLOAD ...]`.

Counts the multiplications and additions of one iteration (matrix products and convolutions, their derivatives too), and
the bytes that its operations read and write, measures this machine's rate of each, in bfloat16 where a side plays in
it, and prints real samples a second and the share of an iteration's time that the arithmetic alone would take. Bytes
count every operation's operands, as if none stayed in a cache: small games beat that figure. THREADS and SIDES ("exact"
if it isn't set) are read from the environment.
"""

import os
import statistics
import sys
import tempfile
from collections.abc import Callable
from typing import Any

import torch
from iteration import OURS, SIDES, WORKLOADS, composed, ready, recipes, rounds
from opponents import clock
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import flop_registry

from gan_lightning.train import prepare

SIDE, TRIES, TURNS = 1024, 15, 3


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


def rates(dtype: torch.dtype) -> tuple[float, float]:
    """Floating-point operations and bytes a second: of a square matrix product, and of a copy beyond any cache."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    side = SIDE * (8 if device == "cuda" else 1)
    left, right = torch.randn(2, side, side, device=device).to(dtype)
    long = torch.zeros(2**26, device=device)
    other = torch.empty_like(long)
    return 2 * side**3 / quickest(lambda: left @ right), 2 * long.nbytes / quickest(lambda: other.copy_(long))


def counted(name: str) -> tuple[float, float, int]:
    """Operations and bytes of one iteration, by hand: the same arithmetic as the framework's; and its real samples."""
    recipe = recipes(WORKLOADS[name])["lean, same levers"]
    peer = recipe.make()
    peer.run(1)  # optimizers make their state
    with Count() as count:
        peer.run(1)
    return float(count.flops), float(count.bytes), recipe.settings["batch_size"] * recipe.settings["n_critic"]


def arithmetic(name: str, side: str) -> torch.dtype:
    """In what a side multiplies."""
    with tempfile.TemporaryDirectory() as folder:
        config = composed([*WORKLOADS[name].overrides, *SIDES[side]], folder)
        config.trainer.max_steps = 1
        prepare(config)  # settles what `auto` stands for
    return torch.bfloat16 if config.trainer.precision == "bf16-mixed" else torch.float32


def main() -> None:
    """Count and time the workloads that are asked for, or all."""
    ready()
    for name in sys.argv[1:] or WORKLOADS:
        flops, moved, samples = counted(name)
        for side in os.environ.get("SIDES", "exact").split(","):
            dtype = arithmetic(name, side)
            flop_rate, byte_rate = rates(dtype)  # each time: a shared machine's drift
            found = rounds(WORKLOADS[name], SIDES[side], TURNS, [])
            ours = statistics.median(round[OURS] for round in found) / WORKLOADS[name].block
            print(
                f"{name:15} {side:10} {flops / 1e9:9.3f} GFLOP, {moved / 1e6:9.1f} MB; {str(dtype).split('.')[1]}: "
                f"{flop_rate / 1e9:.0f} GFLOP/s, {byte_rate / 1e9:.1f} GB/s; {ours * 1e3:9.3f} ms, "
                f"{samples / ours:.0f} samples/s, arithmetic {flops / flop_rate / ours:.0%} of it, "
                f"bytes {moved / byte_rate / ours:.0%}",
                flush=True,
            )


if __name__ == "__main__":
    main()
