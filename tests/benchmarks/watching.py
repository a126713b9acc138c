"""What watching a run costs, callback by callback: `python tests/benchmarks/watching.py [OVERRIDE ...]`.

One run as a command line has it, all callbacks and loggers by default; each callback's hooks are timed from within.
Prints seconds and the share of all that training took, of each callback, of logging, and of what is left for the game.
"""

import functools
import sys
import tempfile
import time
from collections import Counter
from typing import Any

from hydra import compose, initialize_config_dir
from iteration import CONF, ready

from gan_lightning.models import trained
from gan_lightning.train import fit, prepare
from gan_lightning.validation import drop_unchosen

HOOKS = ("on_train_start", "on_train_batch_start", "on_train_batch_end", "on_train_epoch_end", "on_train_end")


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


def main() -> None:
    """Time one run."""
    ready()
    spent: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder, initialize_config_dir(str(CONF), version_base="1.3"):
        config = compose("config", [f"folder={folder}", "~callbacks.hparams", *sys.argv[1:]])
        drop_unchosen(config)
        parts = prepare(config)
        for callback in parts.trainer.callbacks:  # type: ignore[attr-defined]
            for hook in HOOKS:
                if hook in vars(type(callback)):
                    setattr(callback, hook, timed(getattr(callback, hook), type(callback).__name__, spent))
        trained.publish = timed(trained.publish, "logging", spent)  # type: ignore[attr-defined]
        seconds = fit(parts)
    iterations = parts.trainer.global_step
    for name, own in [*spent.most_common(), ("the rest", seconds - spent.total())]:
        print(f"{name:20} {own:8.2f} s {own / seconds:6.1%} {own / iterations * 1e6:9.1f} us an iteration")
    print(f"{'all':20} {seconds:8.2f} s, {iterations} iterations")


if __name__ == "__main__":
    main()
