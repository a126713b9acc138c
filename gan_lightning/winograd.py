"""Kernels of 4 x 4 at every second pixel with nine multiplications where there were sixteen: equal up to rounding.

Such a kernel sees a map as a kernel of 2 x 2 sees its blocks of two by two pixels. Of a filter of two numbers, g, two
neighbouring outputs of d0, d1, d2 are (d0 - d1) g0 + d1 (g0 + g1) and d1 (g0 + g1) + (d2 - d1) g1: three products for
four (Winograd 1980; Lavin & Gray 2016, arXiv:1509.09308, have the larger ones), and along both sides nine for sixteen.
The way up and the weights' gradient are the transposes of the same. Only sums and differences are taken beside the
products, so errors of rounding are of the plain convolution's size, a third of them to twice.

Maps are (N, H, W, C) here, as they lie in memory pixel by pixel; transformed they are (9, tiles, C or 4 C), a tile
being two by two pixels of the small map. A batch is worked off in parts that stay in a cache. What is transformed for a
pass is transformed for those back from it too (`gan_lightning.kept`): until then the weights, and where they learn the
maps, are in memory once more and 2.25 times as large.
"""

from collections.abc import Iterator
from functools import partial

import torch
from torch import Tensor
from torch._C._functorch import is_functorch_wrapped_tensor, is_legacy_batchedtensor

from gan_lightning.kept import Kept

KERNEL, STRIDE, PADDING = (4, 4), (2, 2), (1, 1)
CHANNELS, OUTPUTS, OF_FEW = 64, 128, 256
"""Of the large map and the small one at least: what it spares grows with both. Where the outputs are fewer than the
last, only what shares its transforms with the weights' gradient pays, which is all of a layer that learns."""
POSITIONS, ALONE = 512, 2048
"""Of the small maps of a batch at least, the latter where the outputs are few: the weights are transformed but once for
all of them, and torch has a gradient of both sides in one."""
_NUMBERS = 2**21
"""Of a part's large maps, transformed: 8 MB of float32."""
_LINE = 16
"""Numbers in a line of a cache, of float32."""


def pays(maps: Tensor, small: tuple[int, int], channels: int, outputs: int) -> bool:
    """Whether anything of a layer between so many channels is quicker so, of a batch of maps, large or small."""
    positions = len(maps) * small[0] * small[1]
    wide = channels >= CHANNELS and outputs >= OUTPUTS
    return wide and positions >= (POSITIONS if outputs >= OF_FEW else ALONE) and _are_by_pixel(maps)


def maps_pay(maps: Tensor, weight: Tensor, small: tuple[int, int], kept: Kept) -> bool:
    """Whether the way down or up is quicker so, of a batch of maps and a weight (O, C, 4, 4)."""
    outputs, channels = weight.shape[:2]
    shares = outputs >= OF_FEW or kept.maps_again
    return shares and pays(maps, small, channels, outputs) and _are_by_pixel(weight)


def weights_pay(large: Tensor, small: Tensor) -> bool:
    """Whether the weights' gradient is."""
    sides = (small.shape[2], small.shape[3])
    return pays(large, sides, large.shape[1], small.shape[1]) and _are_by_pixel(small)


def _are_by_pixel(*tensors: Tensor) -> bool:
    """And plain: vmap takes no tensor that is written into."""
    if any(is_functorch_wrapped_tensor(tensor) or is_legacy_batchedtensor(tensor) for tensor in tensors):
        return False
    return all(tensor.is_contiguous(memory_format=torch.channels_last) for tensor in tensors)


def down(large: Tensor, weight: Tensor, kept: Kept) -> Tensor:
    """The convolution of (N, C, 4 P, 4 Q) and (O, C, 4, 4), (N, O, 2 P, 2 Q)."""
    pixels, kernels = large.permute(0, 2, 3, 1), kept.of_weight(weight, lambda: _of_kernels(weight)).transpose(1, 2)
    number, height, width, _ = pixels.shape
    small = _room(large, number, len(weight), height // 2, width // 2)
    said = small.permute(0, 2, 3, 1)
    for part in _parts(pixels):
        seen = kept.of_maps("large", part.start, large, partial(_of_large, pixels[part]))
        _to_small(_products(seen, kernels), said[part])
    return small


def up(small: Tensor, weight: Tensor, kept: Kept) -> Tensor:
    """The transposed convolution of (N, O, 2 P, 2 Q) and (O, C, 4, 4), (N, C, 4 P, 4 Q)."""
    said, kernels = small.permute(0, 2, 3, 1), kept.of_weight(weight, lambda: _of_kernels(weight))
    number, height, width, _ = said.shape
    large = _room(small, number, weight.shape[1], 2 * height, 2 * width)
    pixels = large.permute(0, 2, 3, 1)
    for part in _parts(pixels):
        tiles = kept.of_maps("small", part.start, small, partial(_of_small, said[part]))
        _to_large(_products(tiles, kernels), pixels[part])
    return large


def product(large: Tensor, small: Tensor, kept: Kept) -> Tensor:
    """The gradient of either's weights, of (N, C, 4 P, 4 Q) and (N, O, 2 P, 2 Q), (O, C, 4, 4)."""
    pixels, said = large.permute(0, 2, 3, 1), small.permute(0, 2, 3, 1)
    kernels: Tensor | None = None
    for part in _parts(pixels):
        seen = kept.of_maps("large", part.start, large, partial(_of_large, pixels[part]), last=True)
        tiles = kept.of_maps("small", part.start, small, partial(_of_small, said[part]), last=True)
        kernels = _products(tiles.transpose(1, 2), seen, kernels)
    assert kernels is not None  # no batch is empty
    return _to_weight(kernels)


def _room(like: Tensor, *shape: int) -> Tensor:
    """Room for maps, which is no view: an activation may overwrite it."""
    return torch.empty(shape, dtype=like.dtype, device=like.device, memory_format=torch.channels_last)


def _parts(pixels: Tensor) -> Iterator[slice]:
    """Of a batch, (N, 4 P, 4 Q, C), as equal as can be: products of few rows are slow."""
    number = len(pixels)
    parts = min(number, -(-9 * pixels.numel() // (4 * _NUMBERS)))
    size = -(-number // parts)
    for begin in range(0, number, size):
        yield slice(begin, begin + size)


def _products(left: Tensor, right: Tensor, before: Tensor | None = None) -> Tensor:
    """Nine, one by one, added to those before: torch's product of stacks takes half as long again."""
    found = _apart(left, 9, left.shape[1], right.shape[2]) if before is None else before
    for one, other, out in zip(left, right, found, strict=True):
        out.addmm_(one, other, beta=0 if before is None else 1)
    return found


def _apart(like: Tensor, *shape: int) -> Tensor:
    """Room for rows that begin no power of two apart: those would be in each other's places in a cache."""
    *rows, numbers = shape
    return like.new_empty(*rows, numbers + _LINE)[..., :numbers]


# The transforms and their transposes, which overwrite what they are given.


def _of_large(pixels: Tensor) -> Tensor:
    """(N, 4 P, 4 Q, C) to (9, N P Q, 4 C)."""
    padded = _padded(pixels)
    number, height, width, channels = padded.shape
    blocks = padded.view(number, height // 2, 2, width // 2, 2 * channels).transpose(2, 3)  # tiles see three by three
    rows = _apart(pixels, 9, number * (height // 4) * (width // 4), 4 * channels)
    seen = rows.view(3, 3, number, height // 4, width // 4, 2, 2 * channels)
    outer = pixels.new_empty(number, height // 4, width // 4 + 1, 2, 2 * channels)
    middle = blocks[:, 1::2]
    for row, out in ((blocks[:, :-1:2], seen[0]), (blocks[:, 2::2], seen[2])):
        torch.sub(row[:, :, 1::2], middle[:, :, 1::2], out=out[1])
        _differences(torch.sub(row[:, :, ::2], middle[:, :, ::2], out=outer), out)
    seen[1, 1].copy_(middle[:, :, 1::2])
    _differences(middle[:, :, ::2], seen[1])
    return rows


def _padded(pixels: Tensor) -> Tensor:
    """(N, H, W, C) with a border of zeros, which alone are written twice."""
    number, height, width, channels = pixels.shape
    padded = pixels.new_empty(number, height + 2, width + 2, channels)
    padded[:, :: height + 1].zero_()
    padded[:, :, :: width + 1].zero_()
    padded[:, 1:-1, 1:-1].copy_(pixels)
    return padded


def _differences(outer: Tensor, out: Tensor) -> None:
    """Each tile's left and right column without the one between them, which is there."""
    torch.sub(outer[:, :, :-1], out[1], out=out[0])
    torch.sub(outer[:, :, 1:], out[1], out=out[2])


def _to_large(seen: Tensor, pixels: Tensor) -> None:
    """The transpose of that, (9, N P Q, 4 C) into (N, 4 P, 4 Q, C)."""
    fours = _fours(pixels)
    number, rows, _, columns, _, channels = fours.shape
    above, middle, below = seen.view(3, 3, number, rows, columns, 2, 2, channels)
    middle.sub_(above).sub_(below)
    above[:, :, 1:, :, 1].add_(below[:, :, :-1, :, 1])
    below[:, :, :-1, :, 0].add_(above[:, :, 1:, :, 0])
    for some, tiles in ((slice(1, 3), middle), (slice(1), above[..., 1:, :, :]), (slice(3, 4), below[..., :1, :, :])):
        _overlap(tiles.movedim(3, 0), fours[:, :, some].movedim(3, 0))


def _overlap(tiles: Tensor, lines: Tensor) -> None:
    """(Q, 3, ..., 2, C) into (Q, ..., 4, C): the ends are shared with the neighbours."""
    before, middle, after = tiles.unbind(1)
    torch.sub(middle.sub_(before), after, out=lines[..., 1:3, :])
    (outside, first), (last, beyond) = before.unbind(-2), after.unbind(-2)
    torch.add(first[1:], beyond[:-1], out=lines[1:, ..., 0, :])
    lines[0, ..., 0, :].copy_(first[0])
    torch.add(last[:-1], outside[1:], out=lines[:-1, ..., 3, :])
    lines[-1, ..., 3, :].copy_(last[-1])


def _fours(pixels: Tensor) -> Tensor:
    """(N, 4 P, 4 Q, C) as (N, P, 4, Q, 4, C)."""
    number, height, width, channels = pixels.shape
    return pixels.view(number, height // 4, 4, width // 4, 4, channels)


def _of_small(pixels: Tensor) -> Tensor:
    """(N, 2 P, 2 Q, O) to (9, N P Q, O)."""
    number, height, width, outputs = pixels.shape
    rows = _apart(pixels, 9, number * (height // 2) * (width // 2), outputs)
    _to_three(_of_tiles(pixels), rows.view(3, 3, number, height // 2, width // 2, outputs))
    return rows


def _to_small(said: Tensor, pixels: Tensor) -> None:
    """The transpose of that, (9, N P Q, O) into (N, 2 P, 2 Q, O)."""
    number, height, width, outputs = pixels.shape
    _to_two(said.view(3, 3, number, height // 2, width // 2, outputs), _of_tiles(pixels))


def _of_tiles(pixels: Tensor) -> Tensor:
    """(N, 2 P, 2 Q, O) as (2, 2, N, P, Q, O)."""
    number, height, width, outputs = pixels.shape
    return pixels.view(number, height // 2, 2, width // 2, 2, outputs).permute(2, 4, 0, 1, 3, 5)


def _of_kernels(weight: Tensor) -> Tensor:
    """(O, C, 4, 4) to (9, O, 4 C)."""
    outputs, channels = weight.shape[:2]
    rows = _apart(weight, 9, outputs, 4 * channels)
    taps = weight.permute(0, 2, 3, 1).reshape(outputs, 2, 2, 2, 2 * channels)
    _to_three(taps.permute(1, 3, 0, 2, 4), rows.view(3, 3, outputs, 2, 2 * channels))
    return rows


def _to_weight(kernels: Tensor) -> Tensor:
    """The transpose of that, (9, O, 4 C) to (O, C, 4, 4)."""
    _, outputs, numbers = kernels.shape
    taps = kernels.new_empty(outputs, 2, 2, 2, numbers // 2)
    _to_two(kernels.view(3, 3, outputs, 2, numbers // 2), taps.permute(1, 3, 0, 2, 4))
    return taps.view(outputs, 4, 4, numbers // 4).permute(0, 3, 1, 2)


def _to_three(corners: Tensor, out: Tensor) -> None:
    """(2, 2, ...) into (3, 3, ...), with sums between."""
    for (left, right), (first, between, last) in zip(corners, out[::2], strict=True):
        first.copy_(left)
        torch.add(left, right, out=between)
        last.copy_(right)
    torch.add(out[0], out[2], out=out[1])


def _to_two(sums: Tensor, out: Tensor) -> None:
    """The transpose of that, (3, 3, ...) into (2, 2, ...)."""
    above, middle, below = sums
    for row, (left, right) in zip((above.add_(middle), below.add_(middle)), out, strict=True):
        torch.add(row[0], row[1], out=left)
        torch.add(row[1], row[2], out=right)
