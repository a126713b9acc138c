"""Metrics in the features of a fixed network: extracted once, shared by all measures."""

import warnings
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from gan_lightning.data.base import ImageData, Split
from gan_lightning.errors import UsageWarning
from gan_lightning.metrics.base import Draw, Figure, Metric
from gan_lightning.metrics.cache import StatisticsCache
from gan_lightning.metrics.extractor import Extractor
from gan_lightning.metrics.measure import Features, Measure, Statistics
from gan_lightning.metrics.real import RealFeatures
from gan_lightning.metrics.sheets import pair_sheet

_UNASKED = "agreement left out: nobody asked these samples to be of a class"
_FORMAT = 1  # raise it when a measure keeps other statistics: older files are then left alone


class FeatureMetrics(Metric, ABC):
    """Measures of samples against the real images of one split, in the features of one network.

    The real images' statistics and the floors are cached by the hash of data, network and protocol.

    Args:
        measures: by any key.
        reference: "train" or "test".
        n: samples.
        cache: folder for statistics.
    """

    def __init__(self, measures: Mapping[str, Measure], reference: Split, n: int, cache: str) -> None:
        super().__init__(n)
        self.names = list(measures)
        self.measures = list(measures.values())
        self.reference: Split = reference
        self.cache = StatisticsCache(Path(cache).expanduser())
        self._real: RealFeatures | None = None

    @property
    @abstractmethod
    def extractor(self) -> Extractor:
        """The network."""

    @abstractmethod
    def stem(self, name: str) -> str:
        """What a measure's figure is called in these features: `fd` is `fid` in Inception's."""

    def __call__(self, draw: Draw) -> list[Figure]:
        """The figures of the draw's images."""
        if draw.labels is None and any(measure.needs_labels for measure in self.measures):
            warnings.warn(_UNASKED, UsageWarning, stacklevel=2)
        fake = self.extractor(draw.samples, draw.labels, draw.device)
        real = self._real_features(draw)
        return [
            figure
            for measure in self.measures
            for figure in self._figures(measure, fake, self._kept(measure, real, len(fake.values)))
        ]

    def pictures(self, draw: Draw) -> dict[str, Tensor]:
        """Samples above the real images that a measure holds against them, by the measure's key."""
        showing = [
            (name, measure)
            for name, measure in zip(self.names, self.measures, strict=True)
            if type(measure).beside is not Measure.beside
        ]
        if not showing:
            return {}  # before features are extracted for nothing
        fake, real = self.extractor(draw.samples, draw.labels, draw.device), self._real_features(draw)
        sheets = {}
        for name, measure in showing:
            if (rows := measure.beside(fake, self._kept(measure, real, len(fake.values)))) is not None:
                others = real.images(self._reference(measure), rows[1])
                sheets[name] = pair_sheet(draw.samples[rows[0]], others)
        return sheets

    def floor(self, draw: Draw) -> list[Figure]:
        """The figures of real images that the reference lacks (see `RealFeatures.held_out`)."""
        real, n = self._real_features(draw), len(draw.samples)
        figures = []
        for measure in self.measures:
            values = self._floor(measure, real, n)
            size = int(values["n"])
            figures += [Figure(self.stem(name), float(v), size) for name, v in values.items() if name != "n"]
        return figures

    def _real_features(self, draw: Draw) -> RealFeatures:
        """Of the draw's data; kept, since a run asks about one source."""
        if self._real is None or self._real.data is not draw.data:
            assert isinstance(draw.data, ImageData)
            self._real = RealFeatures(draw.data, self.extractor, draw.device)
        return self._real

    def _reference(self, measure: Measure) -> Split:
        return measure.against or self.reference

    def _kept(self, measure: Measure, real: RealFeatures, n: int) -> Statistics:
        reference = self._reference(measure)
        size = f" for {n}" if measure.paired else ""
        key = f"{_FORMAT} statistics of {reference}{size}, {measure.key()}, {real.key()}"
        return self.cache.get(key, lambda: measure.statistics(real.features(reference), n))

    def _floor(self, measure: Measure, real: RealFeatures, n: int) -> dict[str, Tensor]:
        """Values by stem, and `n`, how many images they are of."""
        reference = self._reference(measure)

        def compute() -> dict[str, Tensor]:
            samples, others = real.held_out(reference, n)
            size = len(samples.values)
            kept = self._kept(measure, real, size) if others is None else measure.statistics(others, size)
            values = measure(samples, kept)
            return {name: torch.tensor(value, dtype=torch.float64) for name, value in values.items()} | {
                "n": torch.tensor(size)
            }

        return self.cache.get(f"{_FORMAT} floor of {reference} for {n}, {measure.key()}, {real.key()}", compute)

    def _figures(self, measure: Measure, fake: Features, kept: Statistics) -> list[Figure]:
        return [
            Figure(
                stem=self.stem(name),
                value=value,
                n=len(fake.values),
                n_reference=int(kept["count"]) if kept else None,
                reference=self._reference(measure) if kept else None,
                extractor=self.extractor.name,
                sha256=self.extractor.sha256,
                settings=measure.key(),
            )
            for name, value in measure(fake, kept).items()
        ]
