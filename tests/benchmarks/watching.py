"""What watching a run costs, callback by callback: `python tests/benchmarks/watching.py [OVERRIDE ...]`.

Runs as a command line has them, each in a process of its own, all callbacks and loggers by default; each callback's
hooks are timed from within. Prints the share of all that training took, its mean and standard error over ROUNDS runs
(of the environment, 3 if it isn't set), and seconds, of each callback, of logging, and of what is left for the game.
"""

import functools
import math
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from multiprocessing import get_context
from typing import Any

from hydra import compose, initialize_config_dir
from iteration import CONF, ready

from gan_lightning.models import trained
from gan_lightning.train import fit, prepare
from gan_lightning.validation import drop_unchosen

HOOKS = ("on_train_start", "on_train_batch_start", "on_train_batch_end", "on_train_epoch_end", "on_train_end")
ROUNDS = int(os.environ.get("ROUNDS", "3"))
REST = "the rest"


def timed(work: Any, name: str, spent: Counter[str]) -> Any:
    """The same function, which adds its seconds under a name."""

    @functools.wraps(work)
    def call(*arguments: Any, **options: Any) -> Any:
        begun = time.perf_counter()
        try:
            return work(*arguments, **options)
        finally:
            spent[name] += time.perf_counter() - begun  # type: ignore[assignment]

    return call


def played(overrides: list[str]) -> tuple[dict[str, float], int]:
    """Seconds of one run by what they went to, and its iterations."""
    ready()
    spent: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder, initialize_config_dir(str(CONF), version_base="1.3"):
        config = compose("config", [f"folder={folder}", "~callbacks.hparams", *overrides])
        drop_unchosen(config)
        parts = prepare(config)
        for callback in parts.trainer.callbacks:  # type: ignore[attr-defined]
            for hook in HOOKS:
                if hook in vars(type(callback)):
                    setattr(callback, hook, timed(getattr(callback, hook), type(callback).__name__, spent))
        trained.publish = timed(trained.publish, "logging", spent)
        seconds = fit(parts)
    return {**dict(spent.most_common()), REST: seconds - spent.total()}, parts.trainer.global_step


def line(name: str, seconds: list[float], shares: list[float], iterations: int) -> str:
    """What went to one thing, a figure a run."""
    mean = statistics.mean(seconds)
    error = statistics.stdev(shares) / math.sqrt(len(shares)) if len(shares) > 1 else math.nan
    share = f"{statistics.mean(shares):6.2%} +- {error:.2%}"
    return f"{name:20} {mean:8.2f} s {share} {mean / iterations * 1e6:9.1f} us an iteration"


def main() -> None:
    """Time the runs."""
    with get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        runs, counts = zip(*pool.map(played, [sys.argv[1:]] * ROUNDS, chunksize=1), strict=True)
    totals = [sum(run.values()) for run in runs]
    for name in runs[0]:
        own = [run.get(name, 0.0) for run in runs]
        shares = [seconds / total for seconds, total in zip(own, totals, strict=True)]
        print(line(name, own, shares, counts[0]))
    print(f"{'all':20} {statistics.mean(totals):8.2f} s, {counts[0]} iterations (n={ROUNDS})")


if __name__ == "__main__":
    main()
