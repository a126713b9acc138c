"""Every metric on every generator of a game, each figure beside its floor."""

import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple, final

import torch
from torch import Tensor

from gan_lightning import noise
from gan_lightning.data.base import MemoryData
from gan_lightning.errors import UsageWarning
from gan_lightning.metrics.base import Draw, Figure, Metric
from gan_lightning.metrics.records import Record, summary
from gan_lightning.metrics.sheets import save_sheet
from gan_lightning.metrics.workers import Workers
from gan_lightning.models.base import AdversarialModule
from gan_lightning.models.generative import Weights

_LATENTS = 0x6576616C  # "eval": a stream of the module's seed that no draw of the data shares
_CHUNK = 1000  # samples that are floats at once


class _Measured(NamedTuple):
    """A figure of one draw, the same of real samples, and the seconds that its metric took."""

    figure: Figure
    floor: Figure | None
    seconds: float


class _Pending(NamedTuple):
    """What one metric measures of one draw, perhaps in another thread."""

    timed: "Future[tuple[list[Figure], float]]"
    floor: "Future[list[Figure]]"
    finite: bool
    """Whether the generator gave finite numbers: uint8 images don't show it."""

    def result(self) -> list[_Measured]:
        """Waits."""
        figures, seconds = self.timed.result()
        floors = {figure.stem: figure for figure in self.floor.result()}
        shown = figures if self.finite else [replace(figure, value=float("nan")) for figure in figures]
        return [_Measured(figure, floors.get(figure.stem), seconds) for figure in shown]


@final
class Evaluator:
    """Measures games and sets of samples against one source of data.

    Args:
        metrics: by any key; those that can't be computed here are left out, with a warning that says why.
        data: the source.

    Raises:
        UsageError: a metric does not apply to the data.
    """

    def __init__(self, metrics: Mapping[str, Metric], data: MemoryData) -> None:
        self.data = data
        self.metrics: list[Metric] = []
        for metric in metrics.values():
            metric.check(data)
            if (reason := metric.unavailable()) is None:
                self.metrics.append(metric)
            else:
                warnings.warn(reason, UsageWarning, stacklevel=2)
        self._floors: dict[tuple[int, int], Future[list[Figure]]] = {}
        self._first_draw: Draw | None = None

    def evaluate(self, module: AdversarialModule, step: int, most: int | None, repeats: int) -> list[Record]:
        """The figures of each generator, of samples from latents that depend on the module's seed alone.

        Args:
            module: the game.
            step: its generator updates.
            most: samples at most, however many the metrics ask for; None for their own n.
            repeats: of each figure, with other latents.
        """
        if not self.metrics:
            return []
        n = max(_size(metric, most) for metric in self.metrics)
        self._first_draw = None
        found: dict[str, list[_Pending]] = {}
        with Workers() as workers:
            for weights in module.weights:
                if found and module.is_as_averaged:  # nothing is trained: its figures are known
                    found[str(weights)] = next(iter(found.values()))
                    break
                draws = (self._sample(module, weights, n, repetition) for repetition in range(repeats))
                found[str(weights)] = self._measure(draws, most, workers)
        return [
            record
            for weights, pending in found.items()
            for record in self._records(pending, weights, step, module.seed)
        ]

    def draw_pictures(self, folder: Path, suffix: str = "") -> None:
        """Write what the metrics want to be looked at, of the draw that was measured first, as `<name><suffix>.png`."""
        if self._first_draw is None:
            return
        for metric in self.metrics:
            with torch.random.fork_rng(enabled=True):
                sheets = metric.pictures(_first(self._first_draw, metric.n))
            for name, sheet in sheets.items():
                save_sheet(sheet, folder / f"{name}{suffix}.png")

    def evaluate_samples(self, samples: Tensor, labels: Tensor | None, device: torch.device) -> list[Record]:
        """The figures of samples in stored units, as many of them as each metric asks for."""
        draw = Draw(samples, self.data, labels=labels, device=device)
        with Workers() as workers:
            pending = self._measure([draw], len(samples), workers)
        return self._records(pending, "samples", None, None)

    def _sample(self, module: AdversarialModule, weights: Weights, n: int, repetition: int) -> Draw:
        latents = module.latents(n, noise.generator(module.seed, _LATENTS, repetition))
        stored, finite = [], True
        for chunk in latents.split(_CHUNK):
            samples = module.sample(chunk, weights)
            finite = finite and bool(samples.isfinite().all())
            stored.append(self.data.restore(samples).cpu())
        labels = module.prior.labels(latents)
        return Draw(
            torch.cat(stored),
            self.data,
            module,
            labels=None if labels is None else labels.cpu(),
            latents=latents.cpu(),
            weights=weights,
            device=module.device,
            finite=finite,
        )

    def _measure(self, draws: Iterable[Draw], most: int | None, workers: Workers) -> list[_Pending]:
        pending = []
        for draw in draws:
            self._first_draw = self._first_draw or draw
            for index, metric in enumerate(self.metrics):
                part = _first(draw, _size(metric, most))
                floor = self._floor(index, part, workers)  # first: it fills the cache of what is known of the real side
                figures = workers.do(partial(_timed, metric, part), metric.concurrent)
                pending.append(_Pending(figures, floor, draw.finite))
        return pending

    def _floor(self, index: int, draw: Draw, workers: Workers) -> Future[list[Figure]]:
        key, metric = (index, len(draw.samples)), self.metrics[index]
        if key not in self._floors or metric.asks_players:
            self._floors[key] = workers.do(partial(_apart, metric, metric.floor, draw), metric.concurrent)
        return self._floors[key]

    def _records(self, pending: list[_Pending], weights: str, step: int | None, seed: int | None) -> list[Record]:
        found: dict[str, list[_Measured]] = {}
        for each in pending:
            for measured in each.result():
                found.setdefault(measured.figure.name, []).append(measured)
        return [_record(repetitions, self.data.identity, weights, step, seed) for repetitions in found.values()]


def _timed(metric: Metric, draw: Draw) -> tuple[list[Figure], float]:
    """The draw's figures, and the seconds that they took."""
    start = time.perf_counter()
    return _apart(metric, metric, draw), time.perf_counter() - start


def _apart(metric: Metric, measure: Callable[[Draw], list[Figure]], draw: Draw) -> list[Figure]:
    """Measured without a trace in torch's random numbers, which those that run beside others don't ask for."""
    with torch.random.fork_rng(enabled=not metric.concurrent):
        return measure(draw)


def _record(repetitions: Sequence[_Measured], data: str, weights: str, step: int | None, seed: int | None) -> Record:
    figure, floor, seconds = repetitions[0]
    value, spread = summary([repetition.figure for repetition in repetitions])
    return Record(
        name=figure.name,
        value=value,
        spread=spread,
        repeats=len(repetitions),
        floor=floor.value if floor else None,
        floor_n=floor.n if floor else None,
        n=figure.n,
        n_reference=figure.n_reference,
        data=data,
        settings=figure.settings,
        extractor=figure.extractor,
        sha256=figure.sha256,
        weights=weights,
        step=step,
        seed=seed,
        seconds=round(seconds, 3),
    )


def _size(metric: Metric, most: int | None) -> int:
    return metric.n if most is None else min(metric.n, most)


def _first(draw: Draw, n: int) -> Draw:
    labels = None if draw.labels is None else draw.labels[:n]
    latents = None if draw.latents is None else draw.latents[:n]
    return replace(draw, samples=draw.samples[:n], labels=labels, latents=latents)
