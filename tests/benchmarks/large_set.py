"""Training from a folder of more pictures than fit in memory: `python tests/benchmarks/large_set.py FOLDER [ROUNDS]`.

As root, with control groups: the same training, in turns, with the whole file in memory and within a limit that counts
the file's pages too, where none of them is in memory yet. Prints images a second of both, also of the loader alone, the
geometric mean of the ratios, and what was read from the disk. FOLDER is any folder of pictures, decoded at SIDE px
before that. A process that needs more than the limit for itself is killed there, which is said. SIDE, LIMIT_MB,
ITERATIONS, CACHE (the folder that the decoded file is made in) and TINY are read from the environment; where that is
set, it trains a few iterations and loads the whole set.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from workloads import TINY

SIDE = int(os.environ.get("SIDE", "128"))
LIMIT = int(os.environ.get("LIMIT_MB", "1200")) * 10**6
ITERATIONS, WARM = (8, 2) if TINY else (int(os.environ.get("ITERATIONS", "100")), 20)
GAME = ["model=dcgan", "data=image_folder", f"data.size={SIDE}", "data.batch_size=64", "threads=1"]
SMALL = ["network.generator.width=4", "network.discriminator.width=4", "trainer.accelerator=cpu"]
BARE = ["callbacks=none", "~callbacks.samples", "logger=none", "metrics=[]", f"trainer.max_steps={ITERATIONS + WARM}"]
V1, V2 = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")


def group(limit: int) -> Path:
    """A control group of its own with that many bytes, pages of files included."""
    base, knob = (V1, "memory.limit_in_bytes") if V1.is_dir() else (V2, "memory.max")
    made = base / f"gan_lightning_bench_{os.getpid()}"
    made.mkdir(exist_ok=True)
    try:
        (made / knob).write_text(str(limit))
    except OSError:
        made.rmdir()
        raise
    return made


def play(folder: str, cache: str) -> None:
    """Train; print images a second and the bytes read, past the warm-up, as JSON."""
    from iteration import composed
    from lightning import Callback, Trainer

    from gan_lightning.data.loader import MemoryLoader
    from gan_lightning.train import fit, prepare

    class Clock(Callback):
        def __init__(self) -> None:
            self.begun, self.bytes = 0.0, 0

        def on_train_batch_end(self, trainer: Trainer, *rest: Any) -> None:
            if trainer.global_step == WARM:
                self.begun, self.bytes = time.perf_counter(), read_bytes()

    with tempfile.TemporaryDirectory() as place:
        parts = prepare(composed([*GAME, *SMALL, *BARE, f"data.root={folder}", f"data.cache={cache}"], place))
        clock = Clock()
        parts.trainer.callbacks.append(clock)  # type: ignore[attr-defined]
        fit(parts)
        seconds, read = time.perf_counter() - clock.begun, read_bytes() - clock.bytes
    values = parts.data.train_samples.values
    loader = MemoryLoader(values, None, 64, 1, parts.data.prepare, ahead=parts.data.ahead(values))  # another order
    begun = time.perf_counter()
    batches = len(values) // 64 if TINY else ITERATIONS
    for _ in zip(range(batches), loader, strict=False):
        pass
    alone = batches * 64 / (time.perf_counter() - begun)
    told = {"rate": ITERATIONS * 64 / seconds, "read": read, "set": values.nbytes, "loader": alone}
    print(json.dumps(told), flush=True)


def warm(cache: str, wanted: bool) -> None:
    """Have the decoded file in memory, or nothing of it."""
    for path in Path(cache).glob("*.npy"):
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            while wanted and file.read(2**24):
                pass


def read_bytes() -> int:
    """What this process has had fetched from a disk."""
    lines = Path("/proc/self/io").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("read_bytes")).split()[1])


def measured(folder: str, cache: str, place: Path | None) -> dict[str, float]:
    """One training, in a control group or free."""

    warm(cache, place is None)

    def enter() -> None:
        if place is not None:
            (place / "cgroup.procs").write_text(str(os.getpid()))

    call = [sys.executable, __file__, "--play", folder, cache]
    done = subprocess.run(call, preexec_fn=enter, capture_output=True, text=True, check=False)
    if done.returncode == -signal.SIGKILL:
        raise SystemExit(f"killed: a process of {LIMIT / 1e6:.0f} MB is too small for the training itself")
    if done.returncode:
        raise SystemExit(done.stderr[-2000:] or f"exit code {done.returncode}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Time both sides in turns."""
    from iteration import ratio

    folder, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory(dir=os.environ.get("CACHE")) as cache:
        free = measured(folder, cache, None)  # decodes
        print(f"set {free['set'] / 1e9:.2f} GB, limit {LIMIT / 1e9:.2f} GB, {SIDE} px, {ITERATIONS} iterations of 64")
        place, ratios = group(LIMIT), []
        try:
            for _ in range(rounds):
                free, held = measured(folder, cache, None), measured(folder, cache, place)
                ratios.append(held["rate"] / free["rate"])
                told = [
                    f"{side['rate']:.0f}/s, {side['read'] / 1e6:.0f} MB read, loader alone {side['loader']:.0f}/s"
                    for side in (free, held)
                ]
                print(*told, sep="; within the limit ", flush=True)
        finally:
            place.rmdir()
        print(ratio(ratios))


if __name__ == "__main__":
    play(*sys.argv[2:]) if sys.argv[1] == "--play" else main()
