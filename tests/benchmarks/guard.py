"""What the guard costs: blocks of iterations with it and without it, in turns within one run on the ring.

`python tests/benchmarks/guard.py [VARIANT ...]` prints the median of both sides' CPU milliseconds an iteration, and the
median over neighbouring blocks of their ratio with its standard error. A block is as long as the guard's interval, so
that each has one look. Nothing is asserted: a time is not a test.
"""

import logging
import statistics
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import torch
from hydra import compose, initialize_config_dir

from gan_lightning.build import build
from gan_lightning.models.assemble import assemble
from gan_lightning.validation import drop_unchosen

CONF = Path(__file__).resolve().parent.parent.parent / "conf"
PAIRS = 60


def blocks(model: str) -> list[float]:
    """CPU milliseconds an iteration of each block, with the guard and without it in turns; as shipped but for figures
    and pictures."""
    with tempfile.TemporaryDirectory() as folder, initialize_config_dir(str(CONF), version_base="1.3"):
        quiet = ["metrics=[]", "~callbacks.samples", "~callbacks.progress", "~callbacks.hparams"]
        config = compose("config", [f"folder={folder}", f"model={model}", *quiet])
        drop_unchosen(config)
        every = config.guard.every
        config.trainer.max_steps = (2 * PAIRS + 1) * every
        data = build(config.data)
        guard, *others = [build(node) for node in config.callbacks.values()]
        loggers = [build(node) for node in config.logger.values()]
        trainer: Any = build(config.trainer, callbacks=[guard, *others], logger=loggers, enable_progress_bar=False)
        module: Any = assemble(config.model, data, data.num_classes)
        play, marks = module.play, []

        def timed(minibatches: Any) -> None:
            if module.global_step % every == 1:  # behind a look
                marks.append(time.process_time())
                guarded = len(marks) % 2 == 1
                trainer.callbacks[:] = [guard, *trainer.callbacks] if guarded else trainer.callbacks[1:]
                module.ledger = guard._ledger if guarded else None
            play(minibatches)

        def start(*_: Any) -> None:
            trainer.callbacks.remove(guard)

        module.play, module.on_train_start = timed, start
        trainer.fit(module, data)
    return [(end - begin) / every * 1e3 for begin, end in zip(marks, marks[1:], strict=False)]


def main() -> None:
    """Time every variant asked for, r1gan alone by default."""
    warnings.filterwarnings("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    torch.set_num_threads(1)
    for model in sys.argv[1:] or ["r1gan"]:
        times = blocks(model)
        pairs = list(zip(times[::2], times[1::2], strict=False))
        ours, bare = (statistics.median(side) for side in zip(*pairs, strict=True))
        ratios = [guarded / plain for guarded, plain in pairs]
        error = statistics.stdev(ratios) / len(ratios) ** 0.5
        told = f"{ours:.3f} ms, without {bare:.3f} ms, ratio {statistics.median(ratios):.4f} ± {error:.4f}"
        print(f"{model:8} with the guard {told} (n={len(ratios)})", flush=True)


if __name__ == "__main__":
    main()
