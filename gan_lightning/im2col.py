"""Convolutions on a CPU as matrix products, where libraries of convolutions are slow: equal up to rounding.

oneDNN adds up the gradient of a convolution's weights image by image, and where they are more than a cache holds, reads
and writes them all for each image. With one product of the whole batch's patches (im2col, Chellapilla et al. 2006) a
layer of 512 x 256 x 4 x 4 weights on maps of 4 x 4 takes two thirds of the time, there and back; where more positions
share the way to memory, less is gained (`tests/benchmarks/convolutions.py`; AVX2, pixel by pixel). A transposed
convolution to a single channel leaves oneDNN's vectors empty, and is a product and a sum of its patches. A kernel as
large as its map is a dense layer. Wide layers that halve a map with 4 x 4 pixels, or double one, are products with
fewer multiplications, see `gan_lightning.winograd`.

Patches take as many times the memory of a map as a kernel has pixels for each of its strides': four for 4 x 4 at every
second pixel, nine for 3 x 3 at every one.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import partial
from typing import Any, TypeAlias, cast, final

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.nn.functional import conv2d, conv_transpose2d, fold, linear, pad
from torch.nn.grad import conv2d_weight

from gan_lightning import winograd
from gan_lightning.kept import Kept
from gan_lightning.precision import full_precision

WEIGHTS_A_POSITION = 2**15
"""A weight gradient is a product where the kernel has as many weights for each position of the small map, or more."""
OVERLAP = 4
"""A way up to one channel is a product where no pixel is in more patches: more patches take longer than they spare."""
_PRECISE, _CPU = (torch.float32, torch.float64), torch.device("cpu")
_ASKED = ("forward", "_conv_forward", "_output_padding")
"""Methods of a convolution that products pass over."""
_Convolution: TypeAlias = nn.Conv2d | nn.ConvTranspose2d
_Pair: TypeAlias = tuple[int, int]


@final
class Products(Enum):
    """Which convolutions are products."""

    NONE = "all are as torch has them"
    NARROW = "kernels as large as their map, and maps of a single channel"
    ALL = "those, and wide ones"


def use_im2col(network: nn.Module, wanted: Products) -> None:
    """Have a network's convolutions be products where that pays, or leave them all as torch has them.

    It is done in training, and wherever gradients are asked for, on a CPU. Under autocast, and in less than float32,
    only kernels as large as their map are. Dilated convolutions, those in groups, and those with a forward pass of
    their own stay as they are.
    """
    for module in network.modules():
        if isinstance(module, _Convolution):
            if _is_product(module):
                del vars(module)["forward"]
            if wanted is not Products.NONE and _is_plain(module):
                forward = _FORWARD[type(module).forward]
                vars(module)["forward"] = partial(forward, module, wide=wanted is Products.ALL)


def _is_product(module: _Convolution) -> bool:
    own: Any = vars(module).get("forward")
    return isinstance(own, partial) and own.func in _FORWARD.values()


def _is_plain(module: _Convolution) -> bool:
    kind, base = type(module), nn.Conv2d if isinstance(module, nn.Conv2d) else nn.ConvTranspose2d
    own = (name in vars(module) or getattr(kind, name, None) is not getattr(base, name, None) for name in _ASKED)
    if any(own):
        return False
    padded = module.padding_mode == "zeros" and isinstance(module.padding, tuple)
    return padded and module.groups == 1 and module.dilation == (1, 1) and module.output_padding == (0, 0)


def _shape(module: _Convolution) -> tuple[_Pair, _Pair, _Pair]:
    return cast(Any, (module.kernel_size, module.stride, module.padding))


@final
@dataclass(frozen=True)
class _Geometry:
    """Between a large map and a small one, each pixel of which sees a patch of the large one."""

    kernel: _Pair
    stride: _Pair
    padding: _Pair
    large: _Pair
    """Height and width."""
    small: _Pair
    wide: bool
    """Whether layers of many channels may be products too."""
    kept: Kept = field(default_factory=Kept, compare=False)

    @classmethod
    def down(cls, module: nn.Conv2d, large: _Pair, wide: bool) -> "_Geometry":
        """Of a convolution."""
        shape = _shape(module)
        sizes = zip(large, *shape, strict=True)
        small = ((size + 2 * padding - kernel) // stride + 1 for size, kernel, stride, padding in sizes)
        return cls(*shape, large, cast(_Pair, tuple(small)), wide)

    @classmethod
    def up(cls, module: nn.ConvTranspose2d, small: _Pair, wide: bool) -> "_Geometry":
        """Of a transposed convolution."""
        bare = cls(*_shape(module), (0, 0), small, wide)
        return replace(bare, large=cast(_Pair, tuple(-size for size in bare.unseen)))

    @property
    def is_dense(self) -> bool:
        """Whether the kernel is the large map's size, and all pixels are seen by the only one."""
        return self.kernel == self.large and self.padding == (0, 0)

    def has_large_weights(self, channels: int, outputs: int) -> bool:
        """Whether their gradient is quicker as a product."""
        weights = channels * outputs * self.kernel[0] * self.kernel[1]
        return self.wide and weights >= WEIGHTS_A_POSITION * self.small[0] * self.small[1]

    def is_thin(self, channels: int) -> bool:
        """Whether the way up is quicker as a product: patches overlap little, and have one number at each place."""
        height, width = self.kernel
        return channels == 1 and height * width <= OVERLAP * self.stride[0] * self.stride[1]

    @property
    def halves(self) -> bool:
        """Whether it is what `winograd` has fewer multiplications for."""
        same = (self.kernel, self.stride, self.padding) == (winograd.KERNEL, winograd.STRIDE, winograd.PADDING)
        sizes = zip(self.large, self.small, strict=True)
        return self.wide and same and all(large == 2 * small and small % 2 == 0 for large, small in sizes)

    def pays(self, maps: Tensor, channels: int, outputs: int) -> bool:
        """Whether anything is quicker as a product, of a batch of maps, large or small."""
        if self.is_thin(channels) or self.has_large_weights(channels, outputs):
            return True
        return self.halves and winograd.pays(maps, self.small, channels, outputs)

    @property
    def unseen(self) -> list[int]:
        """Rows and columns at the large map's end that no patch reaches."""
        sizes = zip(self.large, self.small, self.kernel, self.stride, self.padding, strict=True)
        return [large - ((n - 1) * stride - 2 * padding + kernel) for large, n, kernel, stride, padding in sizes]

    def patches(self, large: Tensor) -> Tensor:
        """(N, C, *large) to (N * small, kernel * C)."""
        (height, width), (down, right), (above, left) = self.kernel, self.stride, self.padding
        padded = pad(large.permute(0, 2, 3, 1), (0, 0, left, left, above, above))
        seen = padded.unfold(1, height, down).unfold(2, width, right)  # (N, *small, C, *kernel)
        return seen.permute(0, 1, 2, 4, 5, 3).reshape(-1, height * width * large.shape[1])


def _convolved(module: nn.Conv2d, large: Tensor, *, wide: bool) -> Tensor:
    """Conv2d's forward pass."""
    if _suits(module, large):
        way = _Geometry.down(module, (large.shape[2], large.shape[3]), wide)
        if way.is_dense:
            return linear(*_flat(large, module.weight), module.bias)[:, :, None, None]
        if _is_precise(large) and way.pays(large, module.in_channels, module.out_channels):
            return _shifted(_passed(_Down, large, module.weight, way), module.bias)
    return nn.Conv2d.forward(module, large)


def _transposed(
    module: nn.ConvTranspose2d, small: Tensor, output_size: list[int] | None = None, *, wide: bool
) -> Tensor:
    """ConvTranspose2d's forward pass."""
    if _suits(module, small) and output_size is None:
        way = _Geometry.up(module, (small.shape[2], small.shape[3]), wide)
        if way.is_dense:
            return _shifted(_dense_up(small, module.weight), module.bias)
        if _is_precise(small) and way.pays(small, module.out_channels, module.in_channels):
            return _shifted(_passed(_Up, small, module.weight, way), module.bias)
    return nn.ConvTranspose2d.forward(module, small, output_size)


_FORWARD: dict[Any, Any] = {nn.Conv2d.forward: _convolved, nn.ConvTranspose2d.forward: _transposed}


def _suits(module: _Convolution, maps: Tensor) -> bool:
    learns = module.training or torch.is_grad_enabled()
    if not learns or maps.device.type != "cpu" or torch.jit.is_tracing():
        return False
    return maps.dim() == 4 and maps.shape[1] == module.in_channels and maps.numel() > 0


def _is_precise(maps: Tensor) -> bool:
    return maps.dtype in _PRECISE and not torch.is_autocast_enabled("cpu")


def _flat(large: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    """(N, C, *kernel) and (O, C, *kernel) to (N, C * kernel) and (O, C * kernel), in the order of the weight."""
    if _is_by_pixel(weight):
        large, weight = large.permute(0, 2, 3, 1), weight.permute(0, 2, 3, 1)
    return large.flatten(1), weight.flatten(1)


def _dense_up(small: Tensor, weight: Tensor) -> Tensor:
    """(N, O, 1, 1) and (O, C, *kernel) to (N, C, *kernel), which lies in memory as the weight does."""
    _, channels, height, width = weight.shape
    if _is_by_pixel(weight):
        rows = small.flatten(1) @ weight.permute(0, 2, 3, 1).flatten(1)
        return rows.reshape(-1, height, width, channels).permute(0, 3, 1, 2)
    return (small.flatten(1) @ weight.flatten(1)).reshape(-1, channels, height, width)


def _is_by_pixel(weight: Tensor) -> bool:
    return weight.is_contiguous(memory_format=torch.channels_last) and not weight.is_contiguous()


def _by_pixel(large: Tensor) -> Tensor:
    """(N, 1, *large) with the strides of maps that lie pixel by pixel, as `Tensor.to` would set them if vmap took it.

    A single channel leaves them open. By others oneDNN takes the maps for plane by plane, turns the other side round,
    and needs six times as long or more for the weights' gradient.
    """
    number, _, height, width = large.shape
    return large.reshape(number, height * width).view(number, height, width, 1).permute(0, 3, 1, 2)


def _shifted(maps: Tensor, bias: Tensor | None) -> Tensor:
    return maps if bias is None else maps + bias.to(maps.dtype)[:, None, None]


class _Bilinear(Function):
    """A function of two tensors and a geometry, linear in each; those below are each other's derivatives, as often as
    one likes."""

    generate_vmap_rule = True

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        *both, ctx.way = inputs
        ctx.save_for_backward(*both)
        ctx.save_for_forward(*both)


def _passed(function: type[Function], maps: Tensor, weight: Tensor, way: _Geometry) -> Tensor:
    """A pass that keeps what those back from it ask for again."""
    return cast(Tensor, function.apply(maps, weight, replace(way, kept=Kept.before(maps, weight))))


def _along(function: type[Function], ctx: Any, first: Tensor | None, second: Tensor | None) -> Any:
    """The function's change with those of its tensors."""
    one, other = ctx.saved_tensors
    changes = [] if first is None else [function.apply(first, other, ctx.way)]
    return sum(changes if second is None else [*changes, function.apply(one, second, ctx.way)])


def _back(ctx: Any, to_first: Callable[[], Any], to_second: Callable[[], Any]) -> tuple[Any, ...]:
    """The gradients that are asked for, in the precision of the forward pass."""
    with full_precision(_CPU):
        wanted = zip(ctx.needs_input_grad, (to_first, to_second), strict=False)
        gradients = *(gradient() if asked else None for asked, gradient in wanted), None
    ctx.way.kept.clear()
    return gradients


@final
class _Down(_Bilinear):
    """A convolution, (N, C, *large) and (O, C, *kernel) to (N, O, *small)."""

    @staticmethod
    def forward(large: Tensor, weight: Tensor, way: _Geometry) -> Tensor:
        if way.halves and winograd.maps_pay(large, weight, way.small, way.kept):
            return winograd.down(large, weight, way.kept)
        return conv2d(large, weight, None, way.stride, way.padding)

    @staticmethod
    def backward(ctx: Any, small: Tensor) -> Any:
        large, weight = ctx.saved_tensors
        return _back(ctx, lambda: _Up.apply(small, weight, ctx.way), lambda: _Product.apply(large, small, ctx.way))

    @staticmethod
    def jvp(ctx: Any, large: Any, weight: Any, _: Any) -> Any:
        return _along(_Down, ctx, large, weight)


@final
class _Up(_Bilinear):
    """A transposed convolution, (N, O, *small) and (O, C, *kernel) to (N, C, *large)."""

    @staticmethod
    def forward(small: Tensor, weight: Tensor, way: _Geometry) -> Tensor:
        outputs, channels = weight.shape[:2]
        if way.is_thin(channels):
            pixels = small.permute(0, 2, 3, 1).reshape(small.shape[0], -1, outputs).transpose(1, 2)
            return fold(weight.reshape(outputs, -1).t() @ pixels, way.large, way.kernel, 1, way.padding, way.stride)
        if way.halves and winograd.maps_pay(small, weight, way.small, way.kept):
            return winograd.up(small, weight, way.kept)
        return conv_transpose2d(small, weight, None, way.stride, way.padding, way.unseen)

    @staticmethod
    def backward(ctx: Any, large: Tensor) -> Any:
        small, weight = ctx.saved_tensors
        return _back(ctx, lambda: _Down.apply(large, weight, ctx.way), lambda: _Product.apply(large, small, ctx.way))

    @staticmethod
    def jvp(ctx: Any, small: Any, weight: Any, _: Any) -> Any:
        return _along(_Up, ctx, small, weight)


@final
class _Product(_Bilinear):
    """The gradient of either's weights, (N, C, *large) and (N, O, *small) to (O, C, *kernel)."""

    @staticmethod
    def forward(large: Tensor, small: Tensor, way: _Geometry) -> Tensor:
        channels, outputs = large.shape[1], small.shape[1]
        if way.halves and winograd.weights_pay(large, small):
            return winograd.product(large, small, way.kept)
        if not way.has_large_weights(channels, outputs):
            large = _by_pixel(large) if channels == 1 else large
            return conv2d_weight(large, (outputs, channels, *way.kernel), small, way.stride, way.padding)
        by_output = small.permute(0, 2, 3, 1).reshape(-1, outputs).t()
        return (by_output @ way.patches(large)).reshape(outputs, *way.kernel, channels).permute(0, 3, 1, 2)

    @staticmethod
    def backward(ctx: Any, weight: Tensor) -> Any:
        large, small = ctx.saved_tensors
        return _back(ctx, lambda: _Up.apply(small, weight, ctx.way), lambda: _Down.apply(large, weight, ctx.way))

    @staticmethod
    def jvp(ctx: Any, large: Any, small: Any, _: Any) -> Any:
        return _along(_Product, ctx, large, small)
