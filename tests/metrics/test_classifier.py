"""Measures in the features of the classifiers that ship with the package."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from gan_lightning.classifiers.catalogue import CATALOGUE
from gan_lightning.data.base import ImageData, Samples
from gan_lightning.errors import UsageError
from gan_lightning.metrics.classifier import ClassifierMetrics, ShippedClassifier
from gan_lightning.metrics.frechet import FrechetDistance


class Colour(ImageData):
    """Colour images of no interest."""

    def __init__(self) -> None:
        super().__init__(batch_size=1, minibatches=1, seed=0, flip=False)

    shape, num_classes = (3, 8, 8), 0

    def load(self) -> Samples:
        return Samples(torch.zeros(4, 3, 8, 8, dtype=torch.uint8), None)

    test_samples = load


def metrics(name: str, folder: Path) -> ClassifierMetrics:
    return ClassifierMetrics(name, {"fd": FrechetDistance()}, "train", 10, str(folder))


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_every_classifier_gives_features_and_a_logit_a_class(name: str):
    entry, extractor = CATALOGUE[name], ShippedClassifier(name)
    images = torch.randint(0, 256, (3, entry.channels, entry.size, entry.size), dtype=torch.uint8)
    features = extractor(images, None, torch.device("cpu"))
    assert features.values.shape == (3, 128) and features.values.dtype == torch.float32
    assert features.logits.shape == (3, len(entry.classes))
    assert (extractor.name, extractor.sha256) == (name, entry.sha256)


def test_an_unknown_classifier_is_refused(tmp_path: Path):
    with pytest.raises(UsageError, match=f"there is {', '.join(CATALOGUE)}"):
        metrics("imagenet", tmp_path)


def test_a_classifier_of_other_channels_is_refused(tmp_path: Path):
    with pytest.raises(UsageError, match="mnist looks at images of 1 channels, the data have 3"):
        metrics("mnist", tmp_path).check(Colour())


def test_points_are_refused(points: Callable[..., Any], tmp_path: Path):
    with pytest.raises(UsageError, match="measures images, and the data are Gaussians"):
        metrics("mnist", tmp_path).check(points())


def test_names_end_in_classifier(tmp_path: Path):
    assert metrics("mnist", tmp_path).stem("fd") == "fd_classifier"
