"""Calibration changes how sure a classifier is, and nothing else."""

import pytest
import torch

from gan_lightning import noise
from gan_lightning.classifiers.calibration import calibrate, temperature
from gan_lightning.classifiers.network import Classifier


@pytest.mark.parametrize("true", [0.3, 1.0, 4.0])
def test_the_temperature_of_labels_that_were_drawn_at_one_is_found(true: float):
    logits = 3 * torch.randn(20_000, 5, generator=noise.generator(0))
    labels = torch.multinomial((logits / true).softmax(1), 1, generator=noise.generator(1)).squeeze(1)
    assert temperature(logits, labels) == pytest.approx(true, rel=0.05)


def test_features_and_the_order_of_the_classes_stay():
    torch.manual_seed(0)
    classifier = Classifier(channels=1, size=8, width=4, features=6, num_classes=3).eval()
    images = torch.randint(0, 256, (40, 1, 8, 8), generator=noise.generator(0), dtype=torch.uint8)
    before = classifier(images)
    found = calibrate(classifier, images, torch.arange(40) % 3)
    after = classifier(images)
    assert torch.equal(after.features, before.features)
    torch.testing.assert_close(after.logits, before.logits / found)
    assert torch.equal(after.logits.argmax(1), before.logits.argmax(1))
