"""The real side of a comparison: features of a source's images in one network."""

import torch
from torch import Tensor

from gan_lightning import noise
from gan_lightning.data.base import ImageData, Split
from gan_lightning.metrics.extractor import Extractor
from gan_lightning.metrics.measure import Features

_ORDER = 0x6F726472  # "ordr": the same in every run, so that a subset of n is the same images everywhere


class RealFeatures:
    """Features of each part of a source, in a fixed random order, extracted when they are first needed.

    Args:
        data: the source.
        extractor: the network.
        device: where it runs.
    """

    def __init__(self, data: ImageData, extractor: Extractor, device: torch.device) -> None:
        self.data, self.extractor, self.device = data, extractor, device
        self._known: dict[Split, Features] = {}

    def features(self, split: Split) -> Features:
        """All images of a part."""
        if split not in self._known:
            values, labels = self.data.split(split)
            features = self.extractor(values, labels, self.device)
            self._known[split] = features.rows(_order(len(values)))
        return self._known[split]

    def images(self, split: Split, rows: Tensor) -> Tensor:
        """The images (n, C, H, W) whose features stand in those rows."""
        values = self.data.split(split).values
        return values[_order(len(values))[rows]]

    def held_out(self, reference: Split, n: int) -> tuple[Features, Features | None]:
        """Up to n real images that the reference lacks, and the reference without them; None for all of it.

        Held-out images against the training set, or training images against the test set; where the source has no
        held-out images, up to n (at most half) of the training images against the others.
        """
        if self.data.has_test:
            return self.features("test" if reference == "train" else "train").rows(slice(n)), None
        everything = self.features("train")
        n = min(n, len(everything.values) // 2)
        return everything.rows(slice(n)), everything.rows(slice(n, None))

    def key(self) -> str:
        """Tells these features from others': the pixels' hash and the network's."""
        parts = [self.data.digest("train")] + ([self.data.digest("test")] if self.data.has_test else [])
        return " ".join([*parts, self.extractor.sha256])


def _order(n: int) -> Tensor:
    return torch.randperm(n, generator=noise.generator(_ORDER))
