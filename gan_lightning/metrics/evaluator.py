"""Every metric on every generator of a game, each figure beside its floor."""

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
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
from gan_lightning.metrics.side_by_side import SideBySide, Timed
from gan_lightning.models.base import AdversarialModule
from gan_lightning.models.generative import Weights

_LATENTS = 0x6576616C  # "eval": a stream of the module's seed that no draw of the data shares
_CHUNK = 1000  # samples that are floats at once


class _Begun(NamedTuple):
    """A metric of one draw, and of real samples, done or on the way."""

    figures: "Future[Timed]"
    floor: "Future[list[Figure]]"
    finite: bool


class _Measured(NamedTuple):
    """A figure of one draw, the same of real samples, and the seconds that its metric took."""

    figure: Figure
    floor: Figure | None
    seconds: float


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
        records: list[Record] = []
        if not self.metrics:
            return records
        n = max(_size(metric, most) for metric in self.metrics)
        self._first_draw = None
        begun: dict[str, list[_Begun]] = {}
        with SideBySide() as measure:
            for weights in module.weights:
                if begun and module.is_as_averaged:  # nothing is trained: its figures are those of the first
                    break
                draws = (self._sample(module, weights, n, repetition) for repetition in range(repeats))
                begun[str(weights)] = list(self._begin(measure, draws, most))
            for name, metrics in begun.items():
                records += self._records(metrics, name, step, module.seed)
        for weights in module.weights[len(begun) :]:
            records += [replace(record, weights=str(weights)) for record in records]
        return records

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
        with SideBySide() as measure:
            return self._records(self._begin(measure, [draw], len(samples)), "samples", None, None)

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

    def _begin(self, measure: SideBySide, draws: Iterable[Draw], most: int | None) -> Iterator[_Begun]:
        for draw in draws:
            self._first_draw = self._first_draw or draw
            for index, metric in enumerate(self.metrics):
                part = _first(draw, _size(metric, most))
                floor = self._floor(measure, index, part)  # first: it fills the cache of what is known of the real side
                yield _Begun(measure.figures(metric, part), floor, part.finite)

    def _floor(self, measure: SideBySide, index: int, draw: Draw) -> "Future[list[Figure]]":
        key, metric = (index, len(draw.samples)), self.metrics[index]
        if key not in self._floors or metric.asks_players:
            self._floors[key] = measure.floor(metric, draw)
        return self._floors[key]

    def _records(self, begun: Iterable[_Begun], weights: str, step: int | None, seed: int | None) -> list[Record]:
        found: dict[str, list[_Measured]] = {}
        for metric in begun:
            for measured in _measured(metric):
                found.setdefault(measured.figure.name, []).append(measured)
        return [_record(repetitions, self.data.identity, weights, step, seed) for repetitions in found.values()]


def _measured(begun: _Begun) -> Iterator[_Measured]:
    floors = {figure.stem: figure for figure in begun.floor.result()}
    figures, seconds = begun.figures.result()
    for figure in figures:
        shown = figure if begun.finite else replace(figure, value=float("nan"))  # uint8 images don't show it
        yield _Measured(shown, floors.get(figure.stem), seconds)


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
