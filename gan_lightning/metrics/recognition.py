"""What a discriminator that names classes or codes makes of real images."""

from collections.abc import Mapping
from typing import Any, final

import torch

from gan_lightning.data.base import ImageData
from gan_lightning.errors import UsageError
from gan_lightning.metrics.base import Draw, Figure, Metric
from gan_lightning.metrics.labels import matched, purity

_CHUNK = 1000  # images that are floats at once


@final
class Recognition(Metric):
    """Held-out images, named by the discriminator, against their labels.

    `recognition_accuracy` takes the names for the classes themselves, as AC-GAN's are (Odena et al. 2017).
    `recognition_purity` is the share of images whose class is the most frequent one of their name, and
    `recognition_matched` the same where each name has a class of its own, so that codes found without labels, as
    InfoGAN's (Chen et al. 2016, sec. 7.2), need not be matched with classes by hand.

    Args:
        n: images, the first of the test set.
    """

    asks_players = True

    def check(self, data: Any) -> None:
        """Raise UsageError if the data are no images with labels, some of them held out."""
        super().check(data)
        if data.num_classes == 0 or not data.has_test:
            raise UsageError(
                "metrics=recognition needs held-out images with labels: leave it out, or choose data=mnist"
            )

    def __call__(self, draw: Draw) -> list[Figure]:
        """All three figures; none of a game that names nothing, and of samples without one."""
        if draw.module is None:
            return []
        assert isinstance(draw.data, ImageData)
        values, labels = draw.data.split("test")
        values = values[: self.n]
        assert labels is not None
        names = []
        for part in values.split(_CHUNK):
            named = draw.module.categories(draw.data.scale(part))
            if named is None:
                return []
            names.append(named.cpu())
        return [Figure(stem, value, len(values)) for stem, value in _figures(torch.cat(names), labels).items()]

    def floor(self, draw: Draw) -> list[Figure]:
        """Nothing: who knows the labels is always right."""
        return []


def _figures(names: torch.Tensor, labels: torch.Tensor) -> Mapping[str, float]:
    labels = labels[: len(names)]
    right = (names == labels).double().mean()
    return {
        "recognition_accuracy": float(right),
        "recognition_purity": purity(names, labels),
        "recognition_matched": matched(names, labels),
    }
