"""Convolutions on a CPU as matrix products, where libraries of convolutions are slow: equal up to rounding.

oneDNN adds up the gradient of a convolution's weights image by image, and where they are more than a cache holds, reads
and writes them all for each image. On small maps one product with the patches of the whole batch (im2col, Chellapilla
et al. 2006) is two to three times as fast. So is a transposed convolution to a single channel, which leaves oneDNN's
vectors empty, as a product and a sum of its patches. A kernel as large as its map is a dense layer.
"""

from functools import partial
from typing import Any, NamedTuple, TypeAlias, cast, final

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.nn.functional import conv2d, conv_transpose2d, fold, linear, pad
from torch.nn.grad import conv2d_weight

WEIGHTS_A_POSITION = 2**15
"""Of a kernel, for each position of the small map, from which on its gradient is quicker as one product."""
_PRECISE = (torch.float32, torch.float64)
_Convolution: TypeAlias = nn.Conv2d | nn.ConvTranspose2d
_Pair: TypeAlias = tuple[int, int]


def use_im2col(network: nn.Module, wanted: bool) -> None:
    """Have a network's convolutions be products where that pays, or leave them all as torch has them.

    It is done where gradients are asked for, on a CPU, in float32 and float64. Dilated convolutions, those in groups,
    and those with a forward pass of their own stay as they are.
    """
    for module in network.modules():
        if isinstance(module, _Convolution):
            if _is_product(module):
                del vars(module)["forward"]
            if wanted and _is_plain(module):
                vars(module)["forward"] = partial(_FORWARD[type(module).forward], module)


def _is_product(module: _Convolution) -> bool:
    own: Any = vars(module).get("forward")
    return isinstance(own, partial) and own.func in _FORWARD.values()


def _is_plain(module: _Convolution) -> bool:
    kind: Any = type(module)
    inner = kind._conv_forward in (nn.Conv2d._conv_forward, nn.ConvTranspose2d._conv_forward)
    if "forward" in vars(module) or kind.forward not in _FORWARD or not inner:  # somebody else's
        return False
    padded = module.padding_mode == "zeros" and isinstance(module.padding, tuple)
    return padded and module.groups == 1 and module.dilation == (1, 1) and module.output_padding == (0, 0)


def _shape(module: _Convolution) -> tuple[_Pair, _Pair, _Pair]:
    return cast(Any, (module.kernel_size, module.stride, module.padding))


class _Way(NamedTuple):
    """Between a large map and a small one, each pixel of which sees a patch of the large one."""

    kernel: _Pair
    stride: _Pair
    padding: _Pair
    large: _Pair
    """Height and width."""
    small: _Pair

    @classmethod
    def down(cls, module: nn.Conv2d, large: _Pair) -> "_Way":
        """Of a convolution."""
        shape = _shape(module)
        sizes = zip(large, *shape, strict=True)
        small = ((size + 2 * padding - kernel) // stride + 1 for size, kernel, stride, padding in sizes)
        return cls(*shape, large, cast(_Pair, tuple(small)))

    @classmethod
    def up(cls, module: nn.ConvTranspose2d, small: _Pair) -> "_Way":
        """Of a transposed convolution."""
        shape = _shape(module)
        sizes = zip(small, *shape, strict=True)
        large = ((size - 1) * stride - 2 * padding + kernel for size, kernel, stride, padding in sizes)
        return cls(*shape, cast(_Pair, tuple(large)), small)

    @property
    def is_dense(self) -> bool:
        """Whether the kernel is the large map's size, and all pixels are seen by the only one."""
        return self.kernel == self.large and self.padding == (0, 0)

    def has_large_weights(self, channels: int, outputs: int) -> bool:
        """Whether their gradient is quicker as a product."""
        weights = channels * outputs * self.kernel[0] * self.kernel[1]
        return weights >= WEIGHTS_A_POSITION * self.small[0] * self.small[1]

    def is_thin(self, channels: int) -> bool:
        """Whether the way up is quicker as a product: patches overlap little, and have one number at each place."""
        height, width = self.kernel
        return channels == 1 and height * width <= 4 * self.stride[0] * self.stride[1]

    def pays(self, channels: int, outputs: int) -> bool:
        """Whether anything is quicker as a product."""
        return self.is_thin(channels) or self.has_large_weights(channels, outputs)

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


def _convolved(module: nn.Conv2d, large: Tensor) -> Tensor:
    """Conv2d's forward pass."""
    if _suits(large):
        way = _Way.down(module, (large.shape[2], large.shape[3]))
        if way.is_dense:
            return linear(_by_pixel(large), _by_pixel(module.weight), module.bias)[:, :, None, None]
        if way.pays(module.in_channels, module.out_channels):
            return _shifted(_Down.apply(large, module.weight, way), module.bias)
    return nn.Conv2d.forward(module, large)


def _transposed(module: nn.ConvTranspose2d, small: Tensor, output_size: list[int] | None = None) -> Tensor:
    """ConvTranspose2d's forward pass."""
    if _suits(small) and output_size is None:
        way = _Way.up(module, (small.shape[2], small.shape[3]))
        if way.is_dense:
            rows = small.flatten(1) @ _by_pixel(module.weight)
            return _shifted(rows.unflatten(1, (*way.kernel, -1)).permute(0, 3, 1, 2), module.bias)
        if way.pays(module.out_channels, module.in_channels):
            return _shifted(_Up.apply(small, module.weight, way), module.bias)
    return nn.ConvTranspose2d.forward(module, small, output_size)


_FORWARD: dict[Any, Any] = {nn.Conv2d.forward: _convolved, nn.ConvTranspose2d.forward: _transposed}


def _suits(maps: Tensor) -> bool:
    here = torch.is_grad_enabled() and maps.device.type == "cpu" and not torch.is_autocast_enabled("cpu")
    return here and maps.dtype in _PRECISE and maps.dim() == 4


def _by_pixel(maps: Tensor) -> Tensor:
    """(N, C, H, W) to (N, H * W * C)."""
    return maps.permute(0, 2, 3, 1).flatten(1)


def _shifted(maps: Tensor, bias: Tensor | None) -> Tensor:
    return maps if bias is None else maps + bias[:, None, None]


# Each is among the derivatives of the others, as often as one likes.


@final
class _Down(Function):
    """A convolution, (N, C, *large) and (O, C, *kernel) to (N, O, *small)."""

    @staticmethod
    def forward(ctx: Any, large: Tensor, weight: Tensor, way: _Way) -> Tensor:
        ctx.save_for_backward(large, weight)
        ctx.way = way
        return conv2d(large, weight, None, way.stride, way.padding)

    @staticmethod
    def backward(ctx: Any, small: Tensor) -> Any:
        (large, weight), (to_large, to_weight, _) = ctx.saved_tensors, ctx.needs_input_grad
        return (
            _Up.apply(small, weight, ctx.way) if to_large else None,
            _Product.apply(large, small, ctx.way) if to_weight else None,
            None,
        )


@final
class _Up(Function):
    """A transposed convolution, (N, O, *small) and (O, C, *kernel) to (N, C, *large)."""

    @staticmethod
    def forward(ctx: Any, small: Tensor, weight: Tensor, way: _Way) -> Tensor:
        ctx.save_for_backward(small, weight)
        ctx.way = way
        if way.is_thin(weight.shape[1]):
            patches = weight.flatten(1).t() @ small.permute(0, 2, 3, 1).flatten(1, 2).transpose(1, 2)
            return fold(patches, way.large, way.kernel, 1, way.padding, way.stride)
        return conv_transpose2d(small, weight, None, way.stride, way.padding, way.unseen)

    @staticmethod
    def backward(ctx: Any, large: Tensor) -> Any:
        (small, weight), (to_small, to_weight, _) = ctx.saved_tensors, ctx.needs_input_grad
        return (
            _Down.apply(large, weight, ctx.way) if to_small else None,
            _Product.apply(large, small, ctx.way) if to_weight else None,
            None,
        )


@final
class _Product(Function):
    """The gradient of either's weights, (N, C, *large) and (N, O, *small) to (O, C, *kernel)."""

    @staticmethod
    def forward(ctx: Any, large: Tensor, small: Tensor, way: _Way) -> Tensor:
        ctx.save_for_backward(large, small)
        ctx.way = way
        channels, outputs = large.shape[1], small.shape[1]
        if not way.has_large_weights(channels, outputs):
            return conv2d_weight(large, (outputs, channels, *way.kernel), small, way.stride, way.padding)
        by_output = small.permute(0, 2, 3, 1).flatten(0, 2).t()
        return (by_output @ way.patches(large)).unflatten(1, (*way.kernel, -1)).permute(0, 3, 1, 2)

    @staticmethod
    def backward(ctx: Any, weight: Tensor) -> Any:
        (large, small), (to_large, to_small, _) = ctx.saved_tensors, ctx.needs_input_grad
        return (
            _Up.apply(small, weight, ctx.way) if to_large else None,
            _Down.apply(large, weight, ctx.way) if to_small else None,
            None,
        )
