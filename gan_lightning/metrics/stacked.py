"""Mode coverage on stacked MNIST (Metz et al. 2017; Srivastava et al. 2017; Lin et al. 2018, sec. 4.2)."""

from dataclasses import replace
from typing import final

import torch
from torch import Tensor

from gan_lightning.data.stacked_mnist import StackedMNIST
from gan_lightning.metrics.base import Draw, Figure, Metric
from gan_lightning.metrics.classifier import ShippedClassifier
from gan_lightning.metrics.modes import reverse_kl

_DIGITS = 10
MODES = _DIGITS**3


@final
class StackedModes(Metric):
    """Which of the 1,000 triples of digits are generated, by the shipped MNIST classifier on each channel.

    Args:
        n: samples; 26,000 in PacGAN's protocol.
    """

    def __init__(self, n: int) -> None:
        super().__init__(n)
        self._classifier = ShippedClassifier("mnist")

    def __call__(self, draw: Draw) -> list[Figure]:
        """`modes_stacked`, a count up to 1,000, and `reverse_kl_stacked` in nats."""
        counts = torch.bincount(self._triples(draw), minlength=MODES)
        values = {"modes_stacked": float((counts > 0).sum()), "reverse_kl_stacked": reverse_kl(counts)}
        classifier = self._classifier
        return [
            Figure(stem, value, len(draw.samples), extractor=classifier.name, sha256=classifier.sha256)
            for stem, value in values.items()
        ]

    def floor(self, draw: Draw) -> list[Figure]:
        """The figures of as many stacks of test digits."""
        assert isinstance(draw.data, StackedMNIST)
        real = draw.data.split("test").values[: len(draw.samples)]
        return self(replace(draw, samples=real, labels=None))

    def _triples(self, draw: Draw) -> Tensor:
        """The number (n,) that each sample's three channels read as, the first being the hundreds."""
        digits = [
            self._classifier(channel, None, draw.device).logits.argmax(1) for channel in draw.samples.split(1, dim=1)
        ]
        return digits[0] * 100 + digits[1] * 10 + digits[2]
