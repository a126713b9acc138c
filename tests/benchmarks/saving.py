"""What a checkpoint costs to write, against torch.save and Lightning: `python tests/benchmarks/saving.py [FOLDER]`.

The three take turns; the median of their ratios within a turn is printed, with the middle half of them.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from lightning.fabric.plugins import TorchCheckpointIO

from gan_lightning.checkpoint_io import SafeCheckpointIO

TURNS = 41

Save = Callable[[dict[str, torch.Tensor], Path], None]


def seconds(save: Save, checkpoint: dict[str, torch.Tensor], path: Path) -> float:
    """Of one save."""
    start = time.perf_counter()
    save(checkpoint, path)
    return time.perf_counter() - start


def main() -> None:
    """A line a size."""
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as temporary:
        for megabytes in (0.25, 5, 50):
            pieces = {str(i): torch.randn(int(megabytes * 1e6 / 4 / 50)) for i in range(50)}
            lightning, ours = TorchCheckpointIO(), SafeCheckpointIO()
            paths = {name: Path(temporary, name, "1.ckpt") for name in ("torch", "lightning", "ours")}
            paths["torch"].parent.mkdir(exist_ok=True)
            taken = [
                (
                    seconds(torch.save, pieces, paths["torch"]),
                    seconds(lightning.save_checkpoint, pieces, paths["lightning"]),
                    seconds(ours.save_checkpoint, pieces, paths["ours"]),
                )
                for _ in range(TURNS if megabytes < 50 else TURNS // 2)
            ][1:]
            own = statistics.median(turn[2] for turn in taken) * 1e3
            told = [f"{megabytes:5} MB, n {len(taken)}: {own:.1f} ms"]
            for column, name in enumerate(("torch.save", "Lightning")):
                low, middle, high = statistics.quantiles([turn[2] / turn[column] for turn in taken], n=4)
                told.append(f"{middle:.2f} ({low:.2f} to {high:.2f}) of {name}")
            print(", ".join(told), flush=True)


if __name__ == "__main__":
    main()
