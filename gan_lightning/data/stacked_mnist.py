"""Stacked MNIST: three digits as the channels of one colour image, so 1,000 modes (Metz et al. 2017, app. D)."""

from typing import Any, final

import torch

from gan_lightning import noise
from gan_lightning.data.base import ImageData, Samples
from gan_lightning.data.mnist import MNIST

_STREAM = 0x73746163  # "stac": of the triples, the same for the same seed


@final
class StackedMNIST(ImageData):
    """Random triples of MNIST digits, uint8 (N, 3, size, size); the label is the number that they read as.

    The training set stacks training digits, the held-out set test digits.

    Args:
        num_samples: stacks in the training set; 128,000 in the literature.
        num_test: held-out stacks.
        root, download, size, flip, batch_size, minibatches, seed: see `IdxImages`.
    """

    def __init__(self, num_samples: int, num_test: int, **digits: Any) -> None:
        super().__init__(digits["batch_size"], digits["minibatches"], digits["seed"], digits["flip"])
        self.num_samples, self.num_test = num_samples, num_test
        self._digits = MNIST(**digits)

    @property
    def shape(self) -> tuple[int, int, int]:
        return 3, self._digits.size, self._digits.size

    @property
    def num_classes(self) -> int:
        return self._digits.num_classes**3

    def load(self) -> Samples:
        return self._stacked(self._digits.load(), self.num_samples, 0)

    def test_samples(self) -> Samples:
        return self._stacked(self._digits.test_samples(), self.num_test, 1)

    def _stacked(self, digits: Samples, n: int, draw: int) -> Samples:
        chosen = torch.randint(len(digits.values), (n, 3), generator=noise.generator(_STREAM, self.seed, draw))
        assert digits.labels is not None
        labels = digits.labels[chosen] @ torch.tensor([100, 10, 1])
        return Samples(digits.values.squeeze(1)[chosen], labels)
