"""Figures at intervals and at the end, for the averaged and the raw generator, with the real-against-real floor."""

import json
import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, final

import torch
from lightning import Callback, Trainer

from gan_lightning import noise
from gan_lightning.data.base import PointData
from gan_lightning.errors import UsageError
from gan_lightning.metrics.base import Draw, Metric
from gan_lightning.models.base import AdversarialModule

_SAMPLES, _REFERENCE = 1, 2  # which draw of the data: the floor's samples are not its reference
_LATENTS = 0x6576616C  # "eval": a stream of the module's seed that no draw of the data shares


@final
class Evaluation(Callback):
    """Computes every metric on n samples of each generator and writes a JSON line a figure to `metrics.jsonl`.

    The noise is the same at every evaluation, so that a curve shows training and not the draw.

    Args:
        folder: the run's folder.
        metrics: by any key.
        n: samples drawn; part of every figure's name.
        every: iterations between evaluations; the end of training is always evaluated.
    """

    def __init__(self, folder: str, metrics: Mapping[str, Metric], n: int, every: int) -> None:
        self.path = Path(folder) / "metrics.jsonl"
        self.metrics = list(metrics.values())
        self.n, self.every = n, every
        self._floor: dict[str, float] = {}
        self._evaluated_at = -1

    def setup(self, trainer: Trainer, pl_module: Any, stage: str) -> None:
        """Check that the metrics and the data belong together."""
        if self.metrics and not isinstance(trainer.datamodule, PointData):  # type: ignore[attr-defined]
            raise UsageError("these metrics measure points, and the data are images: set metrics=none")

    def on_train_batch_end(self, trainer: Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Evaluate at every `every` iterations."""
        if trainer.global_step % self.every == 0:
            self._evaluate(trainer, pl_module)

    def on_train_end(self, trainer: Trainer, pl_module: Any) -> None:
        """Evaluate the result, unless that was just done."""
        if trainer.global_step != self._evaluated_at:
            self._evaluate(trainer, pl_module)

    def _evaluate(self, trainer: Trainer, module: AdversarialModule) -> None:
        self._evaluated_at = trainer.global_step
        if not self.metrics or not trainer.is_global_zero:
            return
        data = trainer.datamodule  # type: ignore[attr-defined]
        reference = data.held_out(self.n, _REFERENCE)
        if not self._floor:
            self._floor = self._measure(Draw(data.held_out(self.n, _SAMPLES), reference, data, module))[0]
        latents = module.latents(self.n, noise.generator(module.seed, _LATENTS))
        for weights in module.weights:
            samples = data.restore(module.sample(latents, weights)).cpu()
            figures, seconds = self._measure(Draw(samples, reference, data, module))
            self._record(trainer, module, weights, figures, seconds)

    def _measure(self, draw: Draw) -> tuple[dict[str, float], float]:
        start = time.perf_counter()
        figures: dict[str, float] = {}
        with torch.random.fork_rng(enabled=True):
            for metric in self.metrics:
                figures |= metric(draw)
        return figures, time.perf_counter() - start

    def _record(
        self, trainer: Trainer, module: AdversarialModule, weights: str, figures: dict[str, float], seconds: float
    ) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a") as file:
            for name, value in figures.items():
                record = {
                    "name": name,
                    "value": value if math.isfinite(value) else None,  # JSON has no NaN
                    "floor": self._floor[name],
                    "n": self.n,
                    "weights": weights,
                    "seed": module.seed,
                    "step": trainer.global_step,
                    "seconds": round(seconds, 3),
                }
                file.write(json.dumps(record) + "\n")
        logged = {f"{weights}/{name}": value for name, value in figures.items()}
        trainer.callback_metrics.update({name: torch.tensor(value) for name, value in logged.items()})
        for logger in trainer.loggers:
            logger.log_metrics(logged, trainer.global_step)
