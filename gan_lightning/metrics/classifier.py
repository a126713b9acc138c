"""Measures in the features of a classifier that ships with the package: they work offline."""

from collections.abc import Mapping
from typing import Any, final

from torch import nn

from gan_lightning.classifiers.catalogue import find
from gan_lightning.classifiers.shipped import load
from gan_lightning.data.base import Split
from gan_lightning.errors import UsageError
from gan_lightning.metrics.extractor import Extractor
from gan_lightning.metrics.features import FeatureMetrics
from gan_lightning.metrics.measure import Measure
from gan_lightning.views import check_extractors


@final
class ShippedClassifier(Extractor):
    """One of the classifiers in `gan_lightning.classifiers`, by name. Raises UsageError for an unknown one."""

    def __init__(self, name: str) -> None:
        self.name, self.sha256 = name, find(name).sha256

    def load(self) -> nn.Module:
        """The network."""
        return load(self.name)


@final
class ClassifierMetrics(FeatureMetrics):
    """Measures in a shipped classifier's features; their names end in `_classifier`.

    Args:
        name: of the classifier.
        measures, reference, n, cache: see `FeatureMetrics`.
    """

    def __init__(self, name: str, measures: Mapping[str, Measure], reference: Split, n: int, cache: str) -> None:
        super().__init__(measures, reference, n, cache)
        self._extractor = ShippedClassifier(name)

    @property
    def extractor(self) -> Extractor:
        """The classifier."""
        return self._extractor

    def check(self, data: Any) -> None:
        """Raise UsageError if the data are points, or have other channels than the classifier's."""
        super().check(data)
        check_extractors({"classifier": {"name": self.extractor.name}}, data.shape)
        known = len(find(self.extractor.name).classes)
        if any(measure.needs_labels for measure in self.measures) and data.num_classes != known:
            raise UsageError(
                f"agreement needs data whose classes are the classifier's {known}, and these have {data.num_classes}: "
                "leave metrics=agreement out, or choose another metrics.classifier.name"
            )

    def stem(self, name: str) -> str:
        """`fd` is `fd_classifier`."""
        return f"{name}_classifier"
