"""What averaging gradients takes, in one flat buffer and one by one: `python tests/benchmarks/reduction.py [WORKLOAD]`.

Two processes on this machine, gloo between them, the discriminator of a workload (by default DCGAN's): milliseconds of
either, in turns, and their ratio. ROUNDS is read from the environment.
"""

import statistics
import tempfile
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

import torch
from iteration import ROUNDS, ratio, recipes
from named import named
from torch import Tensor, multiprocessing, nn
from torch import distributed as dist
from workloads import WORKLOADS

from gan_lightning.distributed import average_gradients

PROCESSES, REPEATS = 2, 20


def one_by_one(parameters: Sequence[Tensor]) -> None:
    """Each gradient's mean over all processes, by a reduction of its own."""
    for parameter in parameters:
        assert parameter.grad is not None
        dist.all_reduce(parameter.grad)
        parameter.grad /= PROCESSES


def process(rank: int, network: nn.Module, meeting: str) -> None:
    """One of them; the first tells."""
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=PROCESSES)
    parameters = list(network.parameters())
    for parameter in parameters:
        parameter.grad = torch.randn_like(parameter)
    found: list[list[float]] = []
    for _ in range(ROUNDS + 1):
        found.append([])
        for reduce in (average_gradients, one_by_one):
            dist.barrier()
            begun = time.perf_counter()
            for _ in range(REPEATS):
                reduce(parameters)
            found[-1].append((time.perf_counter() - begun) / REPEATS * 1e3)
    if rank == 0:
        flat, single = (statistics.median(side) for side in zip(*found[1:], strict=True))
        ratios = [one / other for one, other in found[1:]]
        print(f"{len(parameters)} gradients: flat {flat:.2f} ms, one by one {single:.2f} ms, {ratio(ratios)}")
    dist.destroy_process_group()


def main() -> None:
    """Have both play."""
    warnings.filterwarnings("ignore")
    network = recipes(WORKLOADS[named(WORKLOADS, ["mnist_dcgan"])[0]])["lean"].discriminator
    with tempfile.TemporaryDirectory() as folder:
        multiprocessing.spawn(process, (network.requires_grad_(), str(Path(folder, "meeting"))), PROCESSES)


if __name__ == "__main__":
    main()
