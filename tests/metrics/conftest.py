"""Small sets of images whose pixels are their features, so that every figure can be worked out by hand."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, final

import pytest
import torch
from torch import Tensor, nn

from gan_lightning import noise
from gan_lightning.data.base import ImageData, Samples
from gan_lightning.metrics.extractor import Extractor
from gan_lightning.metrics.features import FeatureMetrics
from gan_lightning.metrics.measure import Measure


@final
class TinyImages(ImageData):
    """Grey images of 2 x 2 pixels; `test` may be None."""

    def __init__(self, train: Tensor, test: Tensor | None) -> None:
        super().__init__(batch_size=4, minibatches=1, seed=0, flip=False)
        self._parts = train, test

    @property
    def has_test(self) -> bool:
        return self._parts[1] is not None

    @property
    def shape(self) -> tuple[int, int, int]:
        return 1, 2, 2

    @property
    def num_classes(self) -> int:
        return 2

    def load(self) -> Samples:
        return Samples(self._parts[0], torch.arange(len(self._parts[0])) % 2)

    def test_samples(self) -> Samples:
        assert self._parts[1] is not None
        return Samples(self._parts[1], torch.arange(len(self._parts[1])) % 2)


@final
class Pixels(Extractor):
    """The four pixels are the features, the first two the logits; counts the images that it has seen."""

    name, sha256 = "pixels", "f" * 64

    def __init__(self) -> None:
        self.seen = 0

    def load(self) -> nn.Module:
        extractor = self

        class Network(nn.Module):
            def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
                extractor.seen += len(images)
                features = images.flatten(1).float()
                return features, features[:, :2]

        return Network()


@final
class PixelMetrics(FeatureMetrics):
    """Measures of pixels."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pixels = Pixels()

    @property
    def extractor(self) -> Pixels:
        return self.pixels

    def stem(self, name: str) -> str:
        return f"{name}_pixels"


def random_images(n: int, key: int) -> Tensor:
    """uint8 (n, 1, 2, 2)."""
    return torch.randint(0, 256, (n, 1, 2, 2), generator=noise.generator(key), dtype=torch.uint8)


@pytest.fixture
def tiny() -> Callable[..., TinyImages]:
    """A factory of sets of random images: `train` of them to learn from, `test` held out (None: there are none)."""

    def make(train: int = 40, test: int | None = 30) -> TinyImages:
        return TinyImages(random_images(train, 0), None if test is None else random_images(test, 1))

    return make


@pytest.fixture
def pixel_metrics(tmp_path: Path) -> Callable[..., PixelMetrics]:
    """A factory of metrics in pixels, from measures by name."""

    def make(measures: dict[str, Measure], reference: str = "train", n: int = 20) -> PixelMetrics:
        return PixelMetrics(measures, reference, n, str(tmp_path / "statistics"))

    return make


@pytest.fixture
def tiny_images() -> Callable[[Tensor | None, Tensor | None], TinyImages]:
    """A factory of sets of the very images given, to learn from and held out; every other one is of class 1."""
    return TinyImages  # type: ignore[return-value]
