"""Whether memory grows: the resident set over 20,000 iterations of the ring, as shipped, and the line through it.

`python tests/benchmarks/memory.py [OVERRIDE ...]` takes some minutes and prints the resident set at intervals, then the
slope behind the first quarter with its standard error. Nothing is asserted: allocators differ.
"""

import os
import sys
import tempfile
from pathlib import Path
from typing import Any, final

import numpy as np
from hydra import compose, initialize_config_dir
from lightning import Callback, Trainer
from omegaconf import DictConfig

from gan_lightning.schema import CONF
from gan_lightning.train import fit, prepare
from gan_lightning.validation import drop_unchosen

ITERATIONS, INTERVAL = 20_000, 250
PAGE = os.sysconf("SC_PAGE_SIZE") / 2**20


@final
class ResidentSet(Callback):
    """MiB at every interval."""

    def __init__(self) -> None:
        self.steps: list[int] = []
        self.sizes: list[float] = []

    def on_train_batch_end(self, trainer: Trainer, *rest: Any) -> None:
        """Read it, and print it now and then."""
        if trainer.global_step % INTERVAL == 0:
            self.steps.append(trainer.global_step)
            self.sizes.append(int(Path("/proc/self/statm").read_text().split()[1]) * PAGE)
            if trainer.global_step % (8 * INTERVAL) == 0:
                print(f"{trainer.global_step:6} iterations: {self.sizes[-1]:.1f} MiB", flush=True)


def composed(folder: str, overrides: list[str]) -> DictConfig:
    """The ring as shipped, but for the HParams tab, which asks Hydra's own run."""
    with initialize_config_dir(str(CONF), version_base="1.3"):
        fixed = [f"folder={folder}", f"trainer.max_steps={ITERATIONS}", "~callbacks.hparams"]
        config = compose("config", [*fixed, *overrides])
    drop_unchosen(config)
    return config


def main() -> None:
    """Run, and fit a line."""
    with tempfile.TemporaryDirectory() as folder:
        parts, watch = prepare(composed(folder, sys.argv[1:])), ResidentSet()
        parts.trainer.callbacks.append(watch)  # type: ignore[attr-defined]
        fit(parts)
    quarter = len(watch.steps) // 4
    thousands, sizes = np.array(watch.steps[quarter:]) / 1e3, np.array(watch.sizes[quarter:])
    (slope, level), covariance = np.polyfit(thousands, sizes, 1, cov=True)
    noise = float(np.std(sizes - slope * thousands - level))
    told = f"slope {slope:+.4f} ± {covariance[0, 0] ** 0.5:.4f} MiB per 1,000 iterations"
    print(f"{told}, scatter {noise:.2f} MiB about {sizes.mean():.1f} MiB (n={len(sizes)})")


if __name__ == "__main__":
    main()
