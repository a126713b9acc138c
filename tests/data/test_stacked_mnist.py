"""Three digits in one image, whose label is the number that they read as."""

from pathlib import Path

import pytest
import torch

from gan_lightning.data.base import Samples
from gan_lightning.data.mnist import MNIST
from gan_lightning.data.stacked_mnist import StackedMNIST


@pytest.fixture
def stacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StackedMNIST:
    """Every training digit has the grey level 10 n, every test digit 10 n + 5, for the n-th of them."""

    def digits(n: int, offset: int) -> Samples:
        greys = (torch.arange(n) * 10 + offset).to(torch.uint8)
        return Samples(greys[:, None, None, None].repeat(1, 1, 28, 28), torch.tensor([0, 1, 2, 3, 4, 9])[:n])

    monkeypatch.setattr(MNIST, "load", lambda self: digits(6, 0))
    monkeypatch.setattr(MNIST, "test_samples", lambda self: digits(3, 5))
    loading = {"batch_size": 2, "minibatches": 1, "seed": 0, "flip": False}
    return StackedMNIST(num_samples=50, num_test=20, root=str(tmp_path), download=False, size=28, **loading)


def test_each_channel_is_a_digit_and_the_label_their_number(stacked: StackedMNIST) -> None:
    values, labels = stacked.load()
    assert values.shape == (50, 3, 28, 28) and values.dtype == torch.uint8
    assert labels is not None
    digit_of_grey = dict(zip(range(0, 60, 10), (0, 1, 2, 3, 4, 9), strict=True))
    for image, label in zip(values, labels, strict=True):
        digits = [digit_of_grey[int(channel[5, 5])] for channel in image]
        assert int(label) == 100 * digits[0] + 10 * digits[1] + digits[2]
    assert len(labels.unique()) > 30  # the channels are drawn independently


def test_held_out_stacks_are_of_test_digits(stacked: StackedMNIST) -> None:
    values, _ = stacked.test_samples()
    assert len(values) == 20
    assert set(values[:, :, 5, 5].flatten().tolist()) <= {5, 15, 25}


def test_shape_and_number_of_classes(stacked: StackedMNIST) -> None:
    assert (stacked.shape, stacked.num_classes) == ((3, 28, 28), 1000)


def test_the_same_seed_gives_the_same_stacks(stacked: StackedMNIST) -> None:
    assert torch.equal(stacked.load().values, stacked.load().values)
