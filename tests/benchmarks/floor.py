"""How near to what the machine can do: `python tests/benchmarks/floor.py [WORKLOAD ...]`.

Counts the multiplications and additions of one of the framework's iterations (matrix products and convolutions, their
derivatives too), and the bytes that its operations read and write behind
the loader's gather, measures this machine's rate of each, in bfloat16
where a side plays in it, and prints real samples a second and the share of an iteration's time that the arithmetic
alone would take. That is no bound, for convolutions can be quicker than the product whose rate it is. "Its own kernels"
is one: the share that the very products and convolutions of the iteration take, each by itself, at its quickest; a loop
around the same kernels has the rest to do beside them. (Of sides that compile it is what they compute without, and
CUDA's graphs save what a call costs: they can beat it.) Bytes count every operation's operands, as if none stayed in a
cache: small games beat that figure. THREADS, SIDES ("exact" if it isn't set) and TINY are read from the environment.
"""

import statistics
import tempfile

import torch
from iteration import OURS, composed, ready, rounds
from kernels import Record, Recording, quickest
from named import named
from opponents import ON_GPU
from sides import SIDES, as_played, asked, loading
from workloads import TINY, WORKLOADS, Workload

from gan_lightning.train import fit, prepare

SIDE, TURNS = 64 if TINY else 1024, 3


def rates(dtype: torch.dtype) -> tuple[float, float]:
    """Floating-point operations and bytes a second: of a square matrix product, and of a copy beyond any cache."""
    device, side = ("cuda", 8 * SIDE) if ON_GPU else ("cpu", SIDE)
    left, right = torch.randn(2, side, side, device=device).to(dtype)
    long = torch.zeros(SIDE**2 * 64, device=device)
    other = torch.empty_like(long)
    return 2 * side**3 / quickest(lambda: left @ right), 2 * long.nbytes / quickest(lambda: other.copy_(long))


def recorded(workload: Workload, side: list[str]) -> tuple[Record, torch.dtype, int]:
    """What an iteration computes, in what it multiplies, and its real samples."""
    with tempfile.TemporaryDirectory() as folder:
        config = composed([*workload.command(), *side, "speed.compile=false"], folder)
        config.trainer.max_steps = 3  # not the last, behind which all weights are looked at
        parts = prepare(config)
        recording = Recording()
        parts.trainer.callbacks.append(recording)  # type: ignore[attr-defined]
        fit(parts)
    dtype = torch.bfloat16 if config.trainer.precision == "bf16-mixed" else torch.float32
    return recording.record, dtype, config.data.batch_size * config.model.n_critic


def line(name: str, side: str) -> str:
    """The figures of a workload."""
    workload, overrides = as_played(name, side)
    record, dtype, samples = recorded(workload, SIDES[side])
    flop_rate, byte_rate = rates(dtype)  # each time: a shared machine's drift
    alone = record.alone()
    found = rounds(workload, overrides, TURNS, [])
    ours = statistics.median(round[OURS] for round in found) / workload.block
    return (
        f"{name:15} {side:10} {record.flops / 1e9:9.3f} GFLOP, {record.bytes / 1e6:9.1f} MB; "
        f"{str(dtype).split('.')[1]}: {flop_rate / 1e9:.0f} GFLOP/s, {byte_rate / 1e9:.1f} GB/s; "
        f"{ours * 1e3:9.3f} ms, {samples / ours:.0f} samples/s, "
        f"arithmetic {record.flops / flop_rate / ours:.0%} of it, bytes {record.bytes / byte_rate / ours:.0%}, "
        f"its own kernels {alone / ours:.0%} ({len(record.kernels)} kinds)"
    )


def main() -> None:
    """Count and time the workloads that are asked for, or all."""
    names, sides = named(WORKLOADS), asked("exact")
    ready()
    for name in names:
        for side in sides:
            with loading(side):
                print(line(name, side), flush=True)


if __name__ == "__main__":
    main()
