"""Convolutions as matrix products: the same numbers and derivatives, only where they pay, and no trace behind."""

import copy
import pickle
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.autograd import gradcheck, gradgradcheck
from torch.func import functional_call
from torch.nn.utils.parametrizations import spectral_norm

from gan_lightning import im2col
from gan_lightning.im2col import use_im2col

LAYERS = {
    "down": (nn.Conv2d(2, 3, 4, 2, 1), (2, 2, 6, 8)),
    "down, the last row unseen": (nn.Conv2d(2, 3, 3, 2, 1), (2, 2, 6, 5)),
    "down, each side another": (nn.Conv2d(2, 3, (3, 2), (1, 2), (0, 1)), (2, 2, 5, 4)),
    "down from one channel": (nn.Conv2d(1, 3, 4, 2, 1, bias=False), (2, 1, 7, 6)),
    "down, all seen at once": (nn.Conv2d(2, 3, (3, 2)), (2, 2, 3, 2)),
    "up": (nn.ConvTranspose2d(3, 2, 3, 2, 1), (2, 3, 3, 2)),
    "up to one channel": (nn.ConvTranspose2d(3, 1, 4, 2, 1), (2, 3, 3, 2)),
    "up from one pixel": (nn.ConvTranspose2d(3, 2, (4, 3)), (2, 3, 1, 1)),
    "up from one pixel, without bias": (nn.ConvTranspose2d(3, 2, 4, bias=False), (2, 3, 1, 1)),
}
"""A convolution of each kind, and what it sees."""
LAYOUTS = [torch.contiguous_format, torch.channels_last]


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each weight is enough for a product."""
    monkeypatch.setattr(im2col, "WEIGHTS_A_POSITION", 0)


def game(layer: str, layout: torch.memory_format) -> tuple[Any, Tensor]:
    """Such a convolution in double precision, and what it sees, which wants a gradient."""
    made, shape = LAYERS[layer]
    seen = torch.randn(shape, dtype=torch.float64).to(memory_format=layout)
    return copy.deepcopy(made).double().to(memory_format=layout), seen.requires_grad_()


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@pytest.mark.parametrize("layer", LAYERS)
def test_it_is_the_convolution_and_so_are_its_derivatives(layer: str, layout: torch.memory_format, always: None):
    convolution, seen = game(layer, layout)
    with torch.no_grad():
        expected = convolution(seen)
    use_im2col(convolution, True)
    torch.testing.assert_close(convolution(seen), expected, rtol=1e-12, atol=1e-12)

    def of_both(maps: Tensor, weight: Tensor) -> Any:
        return functional_call(convolution, {"weight": weight}, (maps,))

    assert gradcheck(of_both, (seen, convolution.weight))
    assert gradgradcheck(of_both, (seen, convolution.weight))


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@pytest.mark.parametrize("layer", LAYERS)
def test_gradients_lie_as_weights_do(layer: str, layout: torch.memory_format, always: None):
    """A fused step takes both in the order of the memory."""
    convolution, seen = game(layer, layout)
    use_im2col(convolution, True)
    convolution(seen).sum().backward()
    assert convolution.weight.grad.is_contiguous(memory_format=layout)


def products(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is computed as a product from now on."""
    found: list[str] = []
    for name, part in {"weights": im2col._Way.patches, "thin": im2col.fold, "dense": im2col._by_pixel}.items():
        place: Any = im2col._Way if name == "weights" else im2col

        def noted(*arguments: Any, name: str = name, part: Any = part) -> Any:
            found.append(name)
            return part(*arguments)

        monkeypatch.setattr(place, part.__name__, noted)
    return found


@pytest.mark.parametrize(
    ("convolution", "shape", "expected"),
    [
        (nn.Conv2d(256, 512, 4, 2, 1), (1, 256, 8, 8), ["weights"]),
        (nn.ConvTranspose2d(512, 256, 4, 2, 1), (1, 512, 4, 4), ["weights"]),
        (nn.Conv2d(512, 512, 3, 1, 1), (1, 512, 8, 8), ["weights"]),
        (nn.Conv2d(128, 256, 4, 2, 1), (1, 128, 16, 16), []),
        (nn.Conv2d(512, 1, 4), (1, 512, 4, 4), ["dense", "dense"]),
        (nn.ConvTranspose2d(100, 512, 4), (1, 100, 1, 1), ["dense"]),
        (nn.ConvTranspose2d(64, 1, 4, 2, 1), (1, 64, 32, 32), ["thin"]),
        (nn.Conv2d(1, 64, 4, 2, 1), (1, 1, 64, 64), ["thin"]),
        (nn.Conv2d(1, 64, 7, 1, 3), (1, 1, 28, 28), []),
        (nn.Conv2d(3, 64, 4, 2, 1), (1, 3, 64, 64), []),
        (nn.Conv2d(512, 512, 3, 1, 1, groups=2), (1, 512, 4, 4), []),
        (nn.Conv2d(512, 512, 3, 1, 2, dilation=2), (1, 512, 4, 4), []),
        (nn.Conv2d(512, 512, 3, 1, 1, padding_mode="reflect"), (1, 512, 4, 4), []),
        (nn.Conv2d(512, 512, 3, padding="same"), (1, 512, 4, 4), []),
        (nn.ConvTranspose2d(512, 512, 3, 2, 1, output_padding=1), (1, 512, 2, 2), []),
    ],
)
def test_it_is_a_product_where_that_pays(
    convolution: Any, shape: tuple[int, ...], expected: list[str], monkeypatch: pytest.MonkeyPatch
):
    found = products(monkeypatch)
    seen = torch.randn(shape, requires_grad=True)
    use_im2col(convolution, True)
    convolution(seen).sum().backward()
    assert found == expected


def test_a_weight_that_stands_still_costs_nothing(monkeypatch: pytest.MonkeyPatch, always: None):
    found = products(monkeypatch)
    convolution, seen = game("down", torch.channels_last)
    use_im2col(convolution.requires_grad_(False), True)
    convolution(seen).sum().backward()
    assert found == [] and seen.grad is not None


def test_without_gradients_under_autocast_and_for_what_is_no_batch_it_is_torchs(monkeypatch: pytest.MonkeyPatch):
    found = products(monkeypatch)
    convolution = nn.Conv2d(2, 3, 4)
    maps = torch.randn(5, 2, 4, 4)
    use_im2col(convolution, True)
    with torch.no_grad():
        assert torch.equal(convolution(maps), nn.Conv2d.forward(convolution, maps))
    with torch.autocast("cpu", torch.bfloat16):
        convolution(maps)
    convolution.bfloat16()(maps.bfloat16())
    convolution.float()(maps[0])
    assert found == []
    convolution(maps)
    assert found == ["dense", "dense"]


def test_a_size_that_is_asked_for_is_left_to_torch(monkeypatch: pytest.MonkeyPatch, always: None):
    found = products(monkeypatch)
    convolution = nn.ConvTranspose2d(3, 2, 3, 2, 1)
    use_im2col(convolution, True)
    seen = torch.randn(2, 3, 3, 3, requires_grad=True)
    made = convolution(seen, output_size=[6, 6])
    made.sum().backward()
    assert made.shape == (2, 2, 6, 6) and found == []


def test_a_weight_is_asked_for_once_a_pass(always: None):
    """Each time spectral norm is asked it estimates anew."""
    convolution = spectral_norm(nn.Conv2d(2, 3, 4, 2, 1))
    plain = copy.deepcopy(convolution)
    use_im2col(convolution, True)
    seen = torch.randn(2, 2, 6, 6)
    torch.testing.assert_close(convolution(seen), plain(seen))
    for mine, its in zip(convolution.buffers(), plain.buffers(), strict=True):
        assert torch.equal(mine, its)


class Own(nn.Conv2d):
    """With a forward pass of its own."""

    def forward(self, maps: Tensor) -> Tensor:
        return super().forward(maps) + 1


class Within(nn.Conv2d):
    """With a convolution of its own in the forward pass."""

    def _conv_forward(self, *arguments: Any) -> Tensor:
        return super()._conv_forward(*arguments) + 1


def test_somebody_elses_forward_pass_is_left_alone(always: None):
    own, within, given = Own(2, 3, 4, 2, 1), Within(2, 3, 4, 2, 1), nn.Conv2d(2, 3, 4, 2, 1)
    given.forward = somebodys = lambda maps: maps  # type: ignore[method-assign]
    for wanted in (True, False):
        use_im2col(nn.ModuleList([own, within, given]), wanted)
        assert "forward" not in vars(own) | vars(within) and vars(given)["forward"] is somebodys


def test_nothing_stays_behind_and_copies_are_their_own(always: None):
    network = nn.Sequential(nn.Conv2d(2, 3, 4, 2, 1), nn.ReLU())
    before = set(vars(network[0]))
    use_im2col(network, True)
    copied, kept = copy.deepcopy(network), pickle.loads(pickle.dumps(network))
    for other in (copied, kept):
        nn.init.zeros_(other[0].weight)
        nn.init.zeros_(other[0].bias)
        assert not other(torch.randn(2, 2, 6, 6)).any(), "of its own weights"
    use_im2col(network, False)
    assert set(vars(network[0])) == before
