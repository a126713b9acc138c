"""Convolutions as matrix products: the same numbers and derivatives, only where they pay, and no trace behind."""

import copy
import pickle
import weakref
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.autograd import forward_ad, gradcheck, gradgradcheck
from torch.func import functional_call
from torch.nn.utils.parametrizations import spectral_norm

from gan_lightning import im2col, winograd
from gan_lightning.im2col import Products, use_im2col

LAYERS = {
    "down": (nn.Conv2d(2, 3, 4, 2, 1), (2, 2, 6, 8)),
    "down, by nine": (nn.Conv2d(2, 3, 4, 2, 1), (2, 2, 4, 8)),
    "down, the last row unseen": (nn.Conv2d(2, 3, 3, 2, 1), (2, 2, 6, 5)),
    "down, each side another": (nn.Conv2d(2, 3, (3, 2), (1, 2), (0, 1)), (2, 2, 5, 4)),
    "down, all seen at once but for the padding": (nn.Conv2d(2, 3, 4, 2, 1), (2, 2, 4, 4)),
    "down to one pixel, not all seen": (nn.Conv2d(2, 3, 3, 2), (2, 2, 4, 4)),
    "down from one channel": (nn.Conv2d(1, 3, 4, 2, 1, bias=False), (2, 1, 7, 6)),
    "down, all seen at once": (nn.Conv2d(2, 3, (3, 2)), (2, 2, 3, 2)),
    "up": (nn.ConvTranspose2d(3, 2, 3, 2, 1), (2, 3, 3, 2)),
    "up, by nine": (nn.ConvTranspose2d(3, 2, 4, 2, 1), (2, 3, 4, 2)),
    "up to one channel": (nn.ConvTranspose2d(3, 1, 4, 2, 1), (2, 3, 3, 2)),
    "up from one pixel": (nn.ConvTranspose2d(3, 2, (4, 3)), (2, 3, 1, 1)),
    "up from one pixel, without bias": (nn.ConvTranspose2d(3, 2, 4, bias=False), (2, 3, 1, 1)),
}
"""A convolution of each kind, and what it sees."""
NARROW = {
    "down from one channel": ["thin"],
    "down, all seen at once": ["dense"],
    "up to one channel": ["thin"],
    "up from one pixel": ["dense up"],
    "up from one pixel, without bias": ["dense up"],
}
"""What is a product where wide ones are not."""
LAYOUTS = [torch.contiguous_format, torch.channels_last]


SIZES = ("CHANNELS", "OUTPUTS", "OF_FEW", "POSITIONS", "ALONE")


def let(monkeypatch: pytest.MonkeyPatch, weights: int, least: float) -> None:
    """Have so many weights be enough for a product, and so much for one of fewer multiplications."""
    monkeypatch.setattr(im2col, "WEIGHTS_A_POSITION", weights)
    for name in SIZES:
        monkeypatch.setattr(winograd, name, least)


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is a product, of fewer multiplications where there is one."""
    let(monkeypatch, 0, 1)


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
    use_im2col(convolution, Products.ALL)
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
    use_im2col(convolution, Products.ALL)
    convolution(seen).sum().backward()
    assert convolution.weight.grad.is_contiguous(memory_format=layout)


def products(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is computed as a product from now on."""
    found: list[str] = []
    parts: dict[str, tuple[Any, str]] = {
        "weights": (im2col._Geometry, "patches"),
        "thin": (im2col, "fold"),
        "dense": (im2col, "_flat"),
        "dense up": (im2col, "_dense_up"),
        **{f"{name} by nine": (winograd, name) for name in ("down", "up", "product")},
    }
    for name, (place, function) in parts.items():
        part = getattr(place, function)

        def noted(*arguments: Any, name: str = name, part: Any = part) -> Any:
            found.append(name)
            return part(*arguments)

        monkeypatch.setattr(place, function, noted)
    return found


@pytest.mark.parametrize(
    ("convolution", "shape", "expected"),
    [
        (nn.Conv2d(256, 512, 4, 2, 1), (1, 256, 8, 8), ["weights"]),
        (nn.ConvTranspose2d(512, 256, 4, 2, 1), (1, 512, 4, 4), ["weights"]),
        (nn.Conv2d(512, 512, 3, 1, 1), (1, 512, 8, 8), ["weights"]),
        (nn.Conv2d(128, 256, 4, 2, 1), (1, 128, 16, 16), []),
        (nn.Conv2d(64, 256, 4, 2, 1), (8, 64, 16, 16), ["down by nine", "up by nine", "product by nine"]),
        (nn.ConvTranspose2d(256, 64, 4, 2, 1), (8, 256, 8, 8), ["up by nine", "down by nine", "product by nine"]),
        (nn.Conv2d(64, 128, 4, 2, 1), (32, 64, 16, 16), ["down by nine", "up by nine", "product by nine"]),
        (nn.Conv2d(64, 128, 4, 2, 1).requires_grad_(False), (32, 64, 16, 16), []),
        (nn.Conv2d(64, 256, 4, 2, 1).requires_grad_(False), (8, 64, 16, 16), ["down by nine", "up by nine"]),
        (nn.Conv2d(64, 128, 4, 2, 1), (31, 64, 16, 16), []),
        (nn.Conv2d(64, 127, 4, 2, 1), (8, 64, 16, 16), []),
        (nn.Conv2d(63, 256, 4, 2, 1), (8, 63, 16, 16), []),
        (nn.Conv2d(64, 256, 4, 2, 1), (7, 64, 16, 16), []),
        (nn.Conv2d(64, 256, 4, 2, 1), (8, 64, 18, 18), []),
        (nn.Conv2d(64, 256, 4, 2, 0), (8, 64, 18, 18), []),
        (nn.Conv2d(64, 256, 4, 1, 1), (8, 64, 17, 17), []),
        (nn.Conv2d(256, 128, 4), (1, 256, 7, 7), ["weights"]),
        (nn.Conv2d(255, 128, 4), (1, 255, 7, 7), []),
        (nn.Conv2d(256, 128, 4), (1, 256, 7, 8), []),
        (nn.Conv2d(512, 1, 4), (1, 512, 4, 4), ["dense"]),
        (nn.ConvTranspose2d(100, 512, 4), (1, 100, 1, 1), ["dense up"]),
        (nn.ConvTranspose2d(64, 1, 4, 2, 1), (1, 64, 32, 32), ["thin"]),
        (nn.Conv2d(1, 64, 4, 2, 1), (1, 1, 64, 64), ["thin"]),
        (nn.ConvTranspose2d(8, 1, 5, 2, 2), (1, 8, 8, 8), []),
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
    seen = torch.randn(shape).to(memory_format=torch.channels_last).requires_grad_()
    use_im2col(convolution.to(memory_format=torch.channels_last), Products.ALL)
    made = convolution(seen)
    made.tanh().sum().backward()
    assert found == expected
    ours = convolution.weight.requires_grad and not expected
    assert not ours or not names(made.grad_fn) & {"_Down", "_Up"}, "else all of it is torch's"


@pytest.mark.parametrize("layer", ["down, by nine", "up, by nine"])
def test_part_by_part_the_derivatives_are_the_same(layer: str, always: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(winograd, "_NUMBERS", 1)
    convolution, seen = game(layer, torch.channels_last)
    wanted = (seen, convolution.weight)
    expected = torch.autograd.grad(convolution(seen).sin().sum(), wanted)
    use_im2col(convolution, Products.ALL)
    for found, its in zip(torch.autograd.grad(convolution(seen).sin().sum(), wanted), expected, strict=True):
        torch.testing.assert_close(found, its, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("learned", ["both", "weight", "maps", "neither"])
@pytest.mark.parametrize("layer", ["down, by nine", "up, by nine"])
def test_there_and_back_each_is_transformed_once(
    layer: str, learned: str, always: None, monkeypatch: pytest.MonkeyPatch
):
    found = transforms(monkeypatch)
    convolution, seen = game(layer, torch.channels_last)
    convolution.weight.requires_grad_(learned in ("both", "weight"))
    seen.requires_grad_(learned in ("both", "maps"))
    use_im2col(convolution, Products.ALL)
    convolution(seen).square().sum().backward()
    back = ["large", "small"] if learned != "neither" else ["large" if layer.startswith("down") else "small"]
    assert sorted(found) == ["kernels", *back]


def test_the_transforms_of_a_pass_are_let_go_as_it_goes_back(always: None, monkeypatch: pytest.MonkeyPatch):
    held: list[Any] = []
    transforms(monkeypatch, held)
    convolution, seen = game("down, by nine", torch.channels_last)
    use_im2col(convolution, Products.ALL)
    loss = convolution(seen).square().sum()
    kernels, large = held
    assert kernels() is not None and large() is not None
    loss.backward()
    assert len(held) == 3 and not any(one() is not None for one in held), "the graph is still there, and they aren't"


@pytest.mark.parametrize("again", ["a gradient plane by plane", "twice", "second derivatives"])
def test_no_transform_outlives_the_passes_back(again: str, always: None, monkeypatch: pytest.MonkeyPatch):
    held: list[Any] = []
    transforms(monkeypatch, held)
    convolution, seen = game("down, by nine", torch.channels_last)
    use_im2col(convolution, Products.ALL)
    made = convolution(seen)
    if again == "a gradient plane by plane":
        made.backward(torch.randn(made.shape, dtype=made.dtype))
    elif again == "twice":
        loss = made.square().sum()
        loss.backward(retain_graph=True)
        loss.backward()
    else:
        (slope,) = torch.autograd.grad(made.square().sum(), seen, create_graph=True)
        slope.square().sum().backward()
    assert len(held) > 1 and not any(one() is not None for one in held)


def test_second_derivatives_that_nobody_takes_leave_nothing(always: None, monkeypatch: pytest.MonkeyPatch):
    held: list[Any] = []
    transforms(monkeypatch, held)
    convolution, seen = game("down, by nine", torch.contiguous_format)
    use_im2col(convolution.to(memory_format=torch.channels_last), Products.ALL)
    loss = nn.functional.softplus(convolution(seen)).sum()
    (slope,) = torch.autograd.grad(loss, seen, create_graph=True)
    assert slope.requires_grad
    del loss, slope
    assert not any(one() is not None for one in held)


def transforms(monkeypatch: pytest.MonkeyPatch, held: list[Any] | None = None) -> list[str]:
    """What is transformed from now on, and references to what comes of it."""
    found: list[str] = []
    for name in ("large", "small", "kernels"):
        transform = getattr(winograd, f"_of_{name}")

        def noted(*arguments: Any, name: str = name, transform: Any = transform) -> Any:
            found.append(name)
            result = transform(*arguments)
            if held is not None:
                held.append(weakref.ref(result))
            return result

        monkeypatch.setattr(winograd, f"_of_{name}", noted)
    return found


def names(node: Any) -> set[str]:
    """What a tensor was made by, up to its leaves."""
    below = [names(before) for before, _ in node.next_functions if before is not None]
    return {node.name().removesuffix("Backward"), *(name for own in below for name in own)}


@pytest.mark.parametrize("layer", ["down, by nine", "up, by nine", "down", "up"])
def test_an_activation_may_overwrite_what_it_gives(layer: str, always: None):
    convolution, seen = game(layer, torch.channels_last)
    convolution.bias = None
    expected = nn.functional.leaky_relu(convolution(seen), 0.1).square().sum()
    use_im2col(convolution, Products.ALL)
    found = nn.functional.leaky_relu_(convolution(seen), 0.1).square().sum()
    both = (torch.autograd.grad(loss, (seen, convolution.weight)) for loss in (found, expected))
    for gradient, its in zip(*both, strict=True):
        torch.testing.assert_close(gradient, its)


def test_maps_that_lie_plane_by_plane_are_not_multiplied_by_nine(monkeypatch: pytest.MonkeyPatch):
    found = products(monkeypatch)
    convolution = nn.Conv2d(64, 256, 4, 2, 1)
    use_im2col(convolution, Products.ALL)
    convolution(torch.randn(8, 64, 16, 16)).tanh().sum().backward()
    assert found == []


@pytest.mark.parametrize(
    "convolution", [nn.Conv2d(1, 8, 4, 2, 1), nn.ConvTranspose2d(8, 1, 4, 2, 1)], ids=["down", "up"]
)
def test_weights_of_one_channel_are_learnt_from_maps_that_both_lie_pixel_by_pixel(
    convolution: Any, monkeypatch: pytest.MonkeyPatch
):
    """By their strides, which a single channel leaves open and oneDNN goes by."""
    found: list[Tensor] = []
    learn = im2col.conv2d_weight
    monkeypatch.setattr(
        im2col,
        "conv2d_weight",
        lambda large, size, small, *way: (found.extend((large, small)), learn(large, size, small, *way))[1],
    )
    seen = torch.randn(2, convolution.in_channels, 4, 4).contiguous(memory_format=torch.channels_last).requires_grad_()
    use_im2col(convolution.to(memory_format=torch.channels_last), Products.ALL)
    convolution(seen).tanh().square().sum().backward()
    large, small = found
    assert large.stride() == torch.empty(large.shape, memory_format=torch.channels_last).stride()
    assert small.is_contiguous(memory_format=torch.channels_last)


def test_a_weight_that_stands_still_costs_nothing(monkeypatch: pytest.MonkeyPatch, always: None):
    found = products(monkeypatch)
    convolution, seen = game("down", torch.channels_last)
    use_im2col(convolution.requires_grad_(False), Products.ALL)
    convolution(seen).sum().backward()
    assert found == [] and seen.grad is not None


def test_without_gradients_and_for_what_is_no_batch_it_is_torchs(monkeypatch: pytest.MonkeyPatch):
    found = products(monkeypatch)
    convolution = nn.Conv2d(2, 3, 4)
    maps = torch.randn(5, 2, 4, 4)
    use_im2col(convolution, Products.ALL)
    with torch.no_grad():
        assert torch.equal(convolution.eval()(maps), nn.Conv2d.forward(convolution, maps))
    convolution(maps[0])
    convolution.to_empty(device="meta")(maps.to("meta"))
    assert found == []
    convolution.to_empty(device="cpu")(maps)
    assert found == ["dense"]
    with torch.no_grad():
        convolution.train()(maps)
    assert found == ["dense", "dense"]


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        ("down, all seen at once", ["dense"]),
        ("up from one pixel", ["dense up"]),
        ("down", []),
        ("up, by nine", []),
        ("up to one channel", []),
    ],
)
def test_in_lower_precision_dense_layers_alone_are_products(
    layer: str, expected: list[str], monkeypatch: pytest.MonkeyPatch, always: None
):
    """In the precision of torch's convolution, back too."""
    found = products(monkeypatch)
    convolution, shape = copy.deepcopy(LAYERS[layer][0]), LAYERS[layer][1]
    wanted = (maps := torch.randn(shape, requires_grad=True), convolution.weight)
    results = []
    for ways in (Products.ALL, Products.NONE):
        use_im2col(convolution, ways)
        with torch.autocast("cpu", torch.bfloat16):
            made = convolution(maps)
        assert made.dtype == torch.bfloat16
        results.append([made.detach(), *torch.autograd.grad(made.float().square().sum(), wanted)])
    torch.testing.assert_close(*results, rtol=0.05, atol=0.05)
    convolution.bfloat16()
    use_im2col(convolution, Products.ALL)
    assert convolution(maps.bfloat16()).dtype == torch.bfloat16
    assert found == 2 * expected


@pytest.mark.parametrize("layer", LAYERS)
def test_narrow_layers_alone_are_products_if_that_is_asked_for(
    layer: str, monkeypatch: pytest.MonkeyPatch, always: None
):
    convolution, seen = game(layer, torch.channels_last)
    expected = torch.autograd.grad(convolution(seen).sin().sum(), (seen, convolution.weight))
    found = products(monkeypatch)
    use_im2col(convolution, Products.NARROW)
    gradients = torch.autograd.grad(convolution(seen).sin().sum(), (seen, convolution.weight))
    torch.testing.assert_close(gradients, expected, rtol=1e-12, atol=1e-12)
    assert found == NARROW.get(layer, [])


def test_samples_that_want_no_gradient_cost_nothing(monkeypatch: pytest.MonkeyPatch):
    """A discriminator's first layer, in its own step."""
    found = products(monkeypatch)
    convolution = nn.Conv2d(1, 64, 4, 2, 1)
    use_im2col(convolution, Products.ALL)
    convolution(torch.randn(2, 1, 8, 8)).sum().backward()
    assert found == [] and convolution.weight.grad is not None


@pytest.mark.filterwarnings("ignore:.torch.jit:FutureWarning")
def test_what_torch_refuses_it_refuses_in_its_words_and_it_takes_what_torch_takes():
    down, up = nn.Conv2d(2, 3, 4), nn.ConvTranspose2d(3, 1, 4, 2, 1)
    use_im2col(nn.ModuleList([down, up]), Products.ALL)
    with pytest.raises(RuntimeError, match="to have 2 channels"):
        down(torch.randn(5, 3, 4, 4))
    assert up(torch.randn(0, 3, 1, 1)).shape == (0, 1, 2, 2)
    traced = torch.jit.trace(down, torch.randn(5, 2, 4, 4))
    assert traced(torch.randn(1, 2, 6, 6)).shape == (1, 3, 3, 3), "not a dense layer for good"


def test_backwards_it_keeps_the_precision_that_it_had(always: None):
    """As torch does; autocast is about what is computed under it."""
    convolution = nn.Conv2d(2, 3, 4, 2, 1)
    seen = torch.randn(2, 2, 6, 6, requires_grad=True)
    found = []
    for wanted in (Products.ALL, Products.NONE):
        use_im2col(convolution, wanted)
        judged = convolution(seen).square().sum()
        with torch.autocast("cpu", torch.bfloat16):
            found.append(torch.autograd.grad(judged, [seen, convolution.weight]))
    torch.testing.assert_close(*found)


def squares(convolution: nn.Module) -> Any:
    """A number from a sample, by way of a convolution."""
    return lambda sample: convolution(sample[None]).square().sum()


@pytest.mark.filterwarnings("ignore:.torch.jit:FutureWarning")  # torch's own, for its derivatives
@pytest.mark.parametrize(
    ("layer", "layout", "weights", "least"),
    [
        *((layer, torch.contiguous_format, *sizes) for layer in LAYERS for sizes in ((0, 1), (2**15, 512))),
        *((layer, torch.channels_last, 0, 1) for layer in LAYERS if layer.endswith("by nine")),
    ],
)
def test_whoever_derives_in_another_way_can(
    layer: str, layout: torch.memory_format, weights: int, least: int, monkeypatch: pytest.MonkeyPatch
):
    """Whichever of a layer's parts are products."""
    let(monkeypatch, weights, least)
    convolution, seen = game(layer, layout)
    samples, direction = seen.detach(), seen.detach().cos()

    def found() -> list[Any]:
        ask = squares(convolution)
        weights = {name: weight.detach() for name, weight in convolution.named_parameters()}

        def of_weights(weights: Any, sample: Tensor) -> Any:
            return functional_call(convolution, weights, (sample[None],)).square().sum()

        loss = convolution(seen).square()
        each = torch.eye(loss.numel(), dtype=loss.dtype).view(-1, *loss.shape)
        with forward_ad.dual_level():
            dual = forward_ad.unpack_dual(convolution(forward_ad.make_dual(samples, direction))).tangent.clone()
        return [
            *torch.func.jvp(convolution, (samples,), (direction,)),
            dual,
            torch.func.vmap(torch.func.grad(ask))(samples),
            torch.func.vmap(torch.func.hessian(ask))(samples),
            *torch.func.vmap(torch.func.grad(of_weights), (None, 0))(weights, samples).values(),
            *torch.autograd.grad(loss, (seen, convolution.weight), each, is_grads_batched=True),
        ]

    expected = found()
    use_im2col(convolution, Products.ALL)
    torch.testing.assert_close(found(), expected)


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_maps_lie_in_memory_as_weights_do(layout: torch.memory_format, always: None):
    for layer in ("up from one pixel", "up", "up, by nine", "down", "down, by nine"):
        convolution, seen = game(layer, layout)
        use_im2col(convolution, Products.ALL)
        assert convolution(seen).is_contiguous(memory_format=layout), layer


def test_a_size_that_is_asked_for_is_left_to_torch(monkeypatch: pytest.MonkeyPatch, always: None):
    found = products(monkeypatch)
    convolution = nn.ConvTranspose2d(3, 2, 3, 2, 1)
    use_im2col(convolution, Products.ALL)
    seen = torch.randn(2, 3, 3, 3, requires_grad=True)
    made = convolution(seen, output_size=[6, 6])
    made.sum().backward()
    assert made.shape == (2, 2, 6, 6) and found == []


def test_a_weight_is_asked_for_once_a_pass(always: None):
    """Each time spectral norm is asked it estimates anew."""
    convolution = spectral_norm(nn.Conv2d(2, 3, 4, 2, 1))
    plain = copy.deepcopy(convolution)
    use_im2col(convolution, Products.ALL)
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


class Larger(nn.ConvTranspose2d):
    """With a size of its own."""

    def _output_padding(self, *arguments: Any, **options: Any) -> list[int]:
        return [1, 1]


def given(name: str) -> nn.Module:
    """A convolution that somebody has given something else in place of its own."""
    convolution = nn.Conv2d(2, 3, 4, 2, 1)
    setattr(convolution, name, lambda maps, *rest: maps)
    return convolution


@pytest.mark.parametrize(
    "convolution",
    [
        Own(2, 3, 4, 2, 1),
        Within(2, 3, 4, 2, 1),
        Larger(2, 3, 4, 2, 1),
        given("forward"),
        given("_conv_forward"),
    ],
)
def test_somebody_elses_forward_pass_is_left_alone(convolution: nn.Module, always: None):
    maps, before = torch.randn(2, 2, 6, 6), dict(vars(convolution))
    expected = convolution(maps)
    for wanted in (Products.ALL, Products.NONE):
        use_im2col(convolution, wanted)
        assert vars(convolution) == before and torch.equal(convolution(maps), expected)


def test_nothing_stays_behind_and_copies_are_their_own(always: None):
    network = nn.Sequential(nn.Conv2d(2, 3, 4, 2, 1), nn.ReLU())
    before = set(vars(network[0]))
    use_im2col(network, Products.ALL)
    copied, kept = copy.deepcopy(network), pickle.loads(pickle.dumps(network))
    for other in (copied, kept):
        nn.init.zeros_(other[0].weight)
        nn.init.zeros_(other[0].bias)
        assert not other(torch.randn(2, 2, 6, 6)).any(), "of its own weights"
    use_im2col(network, Products.NONE)
    assert set(vars(network[0])) == before
