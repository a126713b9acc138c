"""Fewer multiplications, the same numbers: each function beside torch's, and the transposes beside the transforms."""

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.functional import conv2d, conv_transpose2d
from torch.nn.grad import conv2d_weight

from gan_lightning import winograd
from gan_lightning.kept import Kept

SHAPES = [(3, 2, 5, 4, 8), (1, 3, 2, 4, 4), (5, 1, 1, 12, 4)]
"""Samples, channels, outputs, and the large map's sides."""


def game(shape: tuple[int, ...], dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor, Tensor]:
    """A large map, a small one, and a weight."""
    number, channels, outputs, height, width = shape
    drawn = torch.Generator().manual_seed(0)
    sizes = ((number, channels, height, width), (number, outputs, height // 2, width // 2), (outputs, channels, 4, 4))
    large, small, weight = (torch.randn(size, dtype=dtype, generator=drawn) for size in sizes)
    last = torch.channels_last
    return large.contiguous(memory_format=last), small.contiguous(memory_format=last), weight.to(memory_format=last)


def both(large: Tensor, small: Tensor, weight: Tensor) -> dict[str, tuple[Tensor, Tensor]]:
    """What each function gives, and what torch does."""
    return {
        "down": (winograd.down(large, weight, Kept()), conv2d(large, weight, None, 2, 1)),
        "up": (winograd.up(small, weight, Kept()), conv_transpose2d(small, weight, None, 2, 1)),
        "product": (winograd.product(large, small, Kept()), conv2d_weight(large, weight.shape, small, 2, 1)),
    }


@pytest.mark.parametrize("part", [1, 2**21], ids=["image by image", "all at once"])
@pytest.mark.parametrize("shape", SHAPES)
def test_it_is_the_convolution_its_transpose_and_the_gradient_of_their_weights(
    shape: tuple[int, ...], part: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(winograd, "_NUMBERS", part)
    for name, (found, expected) in both(*game(shape)).items():
        torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12, msg=name)
        assert found.is_contiguous(memory_format=torch.channels_last), name


def test_parts_are_as_equal_as_can_be_and_no_larger_than_a_cache(monkeypatch: pytest.MonkeyPatch):
    large, small, weight = game((5, 2, 3, 4, 8))
    products: Any = winograd._products
    sizes: list[int] = []
    monkeypatch.setattr(winograd, "_NUMBERS", 4 * 9 * 2 * 4 * 2)  # four samples of 2 x 4 and two channels
    monkeypatch.setattr(winograd, "_products", lambda *both: (sizes.append(both[0].shape[1]), products(*both))[1])
    winograd.down(large, weight, Kept())
    assert sizes == [6, 4], "three samples and two, of two tiles each"


@pytest.mark.parametrize("all_positive", [False, True])
def test_in_float32_it_is_as_near_as_torchs(all_positive: bool):
    large, small, weight = game((8, 64, 96, 16, 16), torch.float32)
    if all_positive:
        large, small = large.relu() + 1, small.relu() + 1
    exact = both(large.double(), small.double(), weight.double())
    for name, (found, torchs) in both(large, small, weight).items():
        _, expected = exact[name]
        error, its = ((result.double() - expected).square().mean().sqrt() for result in (found, torchs))
        assert 0 < error <= 2.5 * its, name


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last], ids=str)
def test_only_what_lies_pixel_by_pixel_may_pay(layout: torch.memory_format):
    sizes = ((8, 64, 16, 16), (8, 256, 8, 8), (256, 64, 4, 4))
    large, small, weight = (torch.empty(size).to(memory_format=layout) for size in sizes)
    by_pixel = layout == torch.channels_last
    assert winograd.maps_pay(large, weight, (8, 8), Kept()) is by_pixel
    assert winograd.maps_pay(small, weight, (8, 8), Kept()) is by_pixel
    assert winograd.weights_pay(large, small) is by_pixel
    assert not winograd.maps_pay(large[1:], weight, (8, 8), Kept()) and not winograd.weights_pay(large[1:], small[1:])
