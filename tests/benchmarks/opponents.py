"""Loops of others in processes of their own, which nothing reaches that the framework sets up for itself.

`python opponents.py FILE` is such a process: it makes a loop of the recipe in FILE, and for each number of iterations
on stdin plays so many and prints the seconds. Whoever asks waits for the answer, so that only one plays at a time; and
all play on one core where they have one thread each. Each has its cores before it loads torch: the library of threads
counts them then, and has threads that are more than that sleep behind each kernel.
"""

import os
import subprocess
import sys
import time
import warnings
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, final

import torch
from peers import LEAN, Peer
from torch import Tensor, nn

THREADS = int(os.environ.get("THREADS", "1"))
LEAN_LOOP, TUTORIAL = "lean", "tutorial"
LIGHTNINGS = "PYTORCH_NVML_BASED_CUDA_CHECK"
"""Lightning sets this, and the framework does; a loop of one's own does not."""
RESTS = 0.3
"""Seconds that workers have to fill their queue behind a turn, or they would take their time from the next one's."""
CORES, ON_GPU = sorted(os.sched_getaffinity(0)), torch.cuda.is_available()


@dataclass
class Recipe:
    """What a loop is made of."""

    name: str
    """Of the game, as in `peers.LEAN`."""
    generator: nn.Module
    discriminator: nn.Module
    settings: dict[str, Any]
    """See `peers.Peer`."""
    values: Tensor | None = None
    """The training set of a lean loop, see `peers.Lean`."""
    together: bool = False
    ahead: bool = False
    channels_last: bool = False
    keeps_memory: bool = False
    """Whether freed memory is kept for the next tensor, as the framework has it."""
    threads: int = THREADS
    """That a kernel may take."""
    interop: int | None = None
    """Kernels that may run at once, if not as many as torch likes."""
    images: tuple[Path, int, int] | None = None
    """Of a loop that has torchvision's images: the set's folder, the images' size, and workers."""
    loop: str = LEAN_LOOP
    """Whose it is: a tutorial's, or another framework's, see `adapters.FRAMEWORKS`."""

    def make(self) -> Peer:
        """The loop."""
        if self.loop == TUTORIAL:
            from tutorial import Tutorial

            assert self.images is not None
            return Tutorial(self.generator, self.discriminator, self.settings, *self.images)
        layout = torch.channels_last if self.channels_last else torch.contiguous_format
        assert self.values is not None
        players = (self.generator, self.discriminator)
        return LEAN[self.name](*players, self.settings, self.values, self.together, self.ahead, layout)


@final
class Opponent:
    """A loop in a process of its own.

    Args:
        recipe: of the loop.
        file: where it is left for that process.
    """

    def __init__(self, recipe: Recipe, file: Path) -> None:
        torch.save(recipe, file)
        self.name, self.rest = file.stem, RESTS if recipe.images else 0.0
        plain = {name: value for name, value in os.environ.items() if name != LIGHTNINGS}
        self.process = subprocess.Popen(
            [sys.executable, __file__, str(file)],
            env=plain,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=partial(stay, recipe.threads),
        )

    def run(self, iterations: int) -> float:
        """Seconds of so many."""
        assert self.process.stdin is not None and self.process.stdout is not None
        print(iterations, file=self.process.stdin, flush=True)
        told = self.process.stdout.readline()
        if not told:
            raise SystemExit(f"{self.name} has ended, see above")
        until = time.perf_counter() + self.rest
        while time.perf_counter() < until:  # awake: a core that has slept is slow to begin with
            pass
        return float(told)

    def close(self) -> None:
        """End the process."""
        self.process.communicate()


def stay(threads: int) -> None:
    """Have a core for each thread, the same in every process; all of them beside a GPU."""
    os.sched_setaffinity(0, CORES if ON_GPU else CORES[-threads:])


def anywhere(worker: int) -> None:
    """Have one of a loader's workers be on any core, wherever the loop is."""
    os.sched_setaffinity(0, CORES if ON_GPU else range(os.cpu_count() or 1))


def settle(threads: int = THREADS) -> None:
    """Take as many threads, and their cores."""
    torch.set_num_threads(threads)
    stay(threads)


def clock() -> float:
    """Seconds, when the device is done."""
    if ON_GPU:
        torch.cuda.synchronize()
    return time.perf_counter()


def main() -> None:
    """Play."""
    warnings.filterwarnings("ignore")
    recipe = torch.load(sys.argv[1], weights_only=False)
    settle(recipe.threads)
    if recipe.interop is not None:
        torch.set_num_interop_threads(recipe.interop)
    if recipe.keeps_memory:
        from gan_lightning.memory import keep_freed_memory

        keep_freed_memory()
    if recipe.loop not in (LEAN_LOOP, TUTORIAL):
        from adapters import play
        from tutorial import loader

        assert recipe.images is not None
        root, size, workers = recipe.images
        batches = loader(root, size, workers, recipe.settings["batch_size"])
        return play(recipe, batches, str(Path(sys.argv[1]).with_suffix("")))
    peer = recipe.make()
    for line in sys.stdin:
        begun = clock()
        peer.run(int(line))
        print(clock() - begun, flush=True)
    del peer  # a tutorial's workers end
    os._exit(0)  # all that torch has loaded takes a second to be taken apart


if __name__ == "__main__":
    main()
