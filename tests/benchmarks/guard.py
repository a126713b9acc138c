"""What the guard costs: an iteration with it against one without, interleaved in one process, on the ring.

`python tests/benchmarks/guard.py [VARIANT ...]` prints the median over rounds of both sides' milliseconds an iteration
and of their ratio, with the ratio's standard error. Nothing is asserted: a time is not a test.
"""

import logging
import statistics
import sys
import tempfile
import time
import warnings
from pathlib import Path

import torch
from hydra import compose, initialize_config_dir

from gan_lightning.build import build
from gan_lightning.models.assemble import assemble
from gan_lightning.validation import drop_unchosen

CONF = Path(__file__).resolve().parent.parent.parent / "conf"
ROUNDS, ITERATIONS = 31, 200
WITHOUT = ["~callbacks.guard"]


def milliseconds(overrides: list[str]) -> float:
    """An iteration, as shipped but for pictures and figures; building and starting are not timed."""
    with tempfile.TemporaryDirectory() as folder, initialize_config_dir(str(CONF), version_base="1.3"):
        fixed = [f"folder={folder}", f"trainer.max_steps={ITERATIONS}", "metrics=[]", "~callbacks.samples"]
        config = compose("config", [*fixed, "~callbacks.progress", "~callbacks.hparams", *overrides])
        drop_unchosen(config)
        data = build(config.data)
        callbacks = [build(node) for node in config.callbacks.values()]
        loggers = [build(node) for node in config.logger.values()]
        trainer = build(config.trainer, callbacks=callbacks, logger=loggers, enable_progress_bar=False)
        module = assemble(config.model, data, data.num_classes)
        marks: list[float] = []
        play = module.play

        def timed(minibatches: object) -> None:
            marks.append(time.perf_counter())
            play(minibatches)

        module.play = timed
        trainer.fit(module, data)
    return (marks[-1] - marks[9]) / (len(marks) - 10) * 1e3


def main() -> None:
    """Time every variant asked for, r1gan alone by default."""
    warnings.filterwarnings("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    torch.set_num_threads(1)
    for model in sys.argv[1:] or ["r1gan"]:
        pairs = [(milliseconds([f"model={model}"]), milliseconds([f"model={model}", *WITHOUT])) for _ in range(ROUNDS)]
        ours, bare = (statistics.median(side) for side in zip(*pairs, strict=True))
        ratios = [guarded / plain for guarded, plain in pairs]
        error = statistics.stdev(ratios) / len(ratios) ** 0.5
        told = f"{ours:.3f} ms, without {bare:.3f} ms, ratio {statistics.median(ratios):.4f} ± {error:.4f}"
        print(f"{model:8} with the guard {told} (n={ROUNDS})", flush=True)


if __name__ == "__main__":
    main()
