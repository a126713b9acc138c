"""Modes of stacked digits, with a classifier that reads a grey level as its digit."""

import math
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from gan_lightning.data.base import Samples
from gan_lightning.data.stacked_mnist import StackedMNIST
from gan_lightning.errors import UsageError
from gan_lightning.metrics.base import Draw
from gan_lightning.metrics.stacked import StackedModes


def stacks(*triples: int) -> Tensor:
    """Each channel is filled with 25 times its digit."""
    digits = torch.tensor([[triple // 100, triple // 10 % 10, triple % 10] for triple in triples])
    return (digits[:, :, None, None] * 25).repeat(1, 1, 28, 28).to(torch.uint8)


@pytest.fixture
def metric() -> StackedModes:
    found = StackedModes(26_000)

    def read(images: Tensor, labels: Tensor | None, device: torch.device) -> Any:
        assert images.shape[1:] == (1, 28, 28)
        return SimpleNamespace(logits=torch.eye(10)[images[:, 0, 0, 0].long() // 25])

    read.name, read.sha256 = "mnist", "0"  # type: ignore[attr-defined]
    found._classifier = read  # type: ignore[assignment]
    return found


def measured(metric: StackedModes, images: Tensor) -> dict[str, float]:
    return {figure.stem: figure.value for figure in metric(Draw(images, None))}  # type: ignore[arg-type]


def test_modes_are_triples_of_digits(metric: StackedModes):
    figures = measured(metric, stacks(0, 7, 7, 70, 700, 999))
    assert figures["modes_stacked"] == 5
    shares = [1 / 6, 2 / 6, 1 / 6, 1 / 6, 1 / 6]
    assert figures["reverse_kl_stacked"] == pytest.approx(sum(p * math.log(p * 1000) for p in shares), rel=1e-9)


def test_all_triples_once_are_all_modes_without_divergence(metric: StackedModes):
    figures = measured(metric, stacks(*range(1000)))
    assert figures["modes_stacked"] == 1000
    assert figures["reverse_kl_stacked"] == pytest.approx(0, abs=1e-9)


def test_the_protocol_is_in_the_name(metric: StackedModes):
    names = [figure.name for figure in metric(Draw(stacks(*[5] * 2000), None))]  # type: ignore[arg-type]
    assert names == ["modes_stacked2k", "reverse_kl_stacked2k"]


def test_it_needs_stacked_digits(metric: StackedModes, tiny: Any):
    with pytest.raises(UsageError, match="measures data=stacked_mnist, and the data are TinyImages: set"):
        metric.check(tiny())
    metric.check(object.__new__(StackedMNIST))


def test_the_floor_is_of_stacks_of_test_digits(metric: StackedModes):
    data = object.__new__(StackedMNIST)
    data.split = lambda part: Samples(stacks(*range(1000)) if part == "test" else stacks(0), None)  # type: ignore
    floor = {figure.stem: figure for figure in metric.floor(Draw(stacks(*[3] * 800), data))}
    assert floor["modes_stacked"].value == 800 and floor["modes_stacked"].n == 800
