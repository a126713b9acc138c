"""Figures at intervals and at the end, for the averaged and the raw generator, with the real-against-real floor."""

import math
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, final

import torch
from lightning import Callback, Trainer

from gan_lightning.metrics import records as records_of
from gan_lightning.metrics.base import Metric
from gan_lightning.metrics.evaluator import Evaluator
from gan_lightning.metrics.records import Record
from gan_lightning.models.base import AdversarialModule
from gan_lightning.publishing import publish

EVALUATED_AT = "evaluated_at"
"""Under this name `trainer.callback_metrics` has the iteration that its figures are of."""


@final
class Evaluation(Callback):
    """Evaluates cheaply before training and at intervals, fully at the end; a JSON line a figure in `metrics.jsonl`.

    The noise is the same at every evaluation, so that a curve shows training and not the draw. The first process
    evaluates, the others wait for it: the figures are those of a single process.

    Args:
        folder: the run's folder.
        metrics: by any key.
        every: iterations between evaluations.
        interval_n: samples at most, before the end; None for as many as each metric's protocol asks for.
        repeats: of each figure at the end, with other latents.
    """

    def __init__(
        self, folder: str, metrics: Mapping[str, Metric], every: int, interval_n: int | None, repeats: int
    ) -> None:
        self.path = Path(folder) / "metrics.jsonl"
        self.metrics = metrics
        self.every, self.interval_n, self.repeats = every, interval_n, repeats
        self._alike = interval_n is None or all(metric.n <= interval_n for metric in metrics.values())
        self._evaluator: Evaluator | None = None
        self._started = 0.0
        self._trained = False

    def setup(self, trainer: Trainer, pl_module: Any, stage: str) -> None:
        """Check that the metrics and the data belong together."""
        if trainer.is_global_zero and self.metrics:
            self._evaluator = Evaluator(self.metrics, trainer.datamodule)  # type: ignore[attr-defined]

    def on_train_start(self, trainer: Trainer, pl_module: Any) -> None:
        """Evaluate the untrained generator: where the curve starts, and whether the metrics work."""
        self._started = time.perf_counter()
        self._trained = trainer.global_step >= trainer.estimated_stepping_batches
        if trainer.global_step == 0:
            self._evaluate(trainer, pl_module, self.interval_n, 1)

    def on_train_batch_end(self, trainer: Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Evaluate at every `every` iterations; not twice by the same protocol at the end."""
        last = trainer.global_step == trainer.estimated_stepping_batches and self._alike
        if trainer.global_step % self.every == 0 and not last:
            self._evaluate(trainer, pl_module, self.interval_n, 1)

    def on_train_end(self, trainer: Trainer, pl_module: Any) -> None:
        """Evaluate the result, and draw what the metrics have to show of it."""
        self._evaluate(trainer, pl_module, None, self.repeats)
        if self._evaluator is not None:
            self._evaluator.draw_pictures(self.path.parent)

    def _evaluate(self, trainer: Trainer, module: AdversarialModule, most: int | None, repeats: int) -> None:
        if self._evaluator is None:
            return
        elapsed = round(time.perf_counter() - self._started, 2)
        records = self._evaluator.evaluate(module, trainer.global_step, most, repeats)
        records = [replace(record, elapsed=elapsed) for record in records]
        write = records_of.replace if self._trained else records_of.write
        write(self.path, records)
        _publish(trainer, records)


def _publish(trainer: Trainer, records: list[Record]) -> None:
    """Curves have no place for what isn't finite; `callback_metrics` has."""
    figures = {f"{record.weights}/{record.name}": record.value for record in records}
    publish(trainer, {name: value for name, value in figures.items() if math.isfinite(value)}, trainer.global_step)
    known = {name: torch.tensor(value) for name, value in figures.items()}
    trainer.callback_metrics.update(known | {EVALUATED_AT: torch.tensor(trainer.global_step)})
