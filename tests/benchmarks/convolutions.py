"""What a convolution takes as matrix products, over what it takes as torch has it: `python
tests/benchmarks/convolutions.py`.

Forward and backward, weights and input, in turns, on one core: the layers by which the bounds of `gan_lightning.im2col`
were chosen, over and under them, each with the weights that it has for a position of the small map: products of patches
("im2col") and of fewer multiplications ("winograd") where either can be. Freed memory is kept as in a run, and all
lie in it as LAYOUT says, "channels_last" if it isn't set. BATCH (64), ROUNDS, THREADS and TINY, for one small layer,
are read from the environment.
"""

import copy
import os
from unittest.mock import patch

import torch
from iteration import ROUNDS, ratio, ready
from opponents import clock
from torch import nn
from workloads import TINY

from gan_lightning import im2col, winograd
from gan_lightning.im2col import Products, use_im2col
from gan_lightning.memory import keep_freed_memory

BATCH = 2 if TINY else int(os.environ.get("BATCH", "64"))
LAYOUT = getattr(torch, os.environ.get("LAYOUT", "channels_last"))
LAYERS: list[tuple[nn.Module, int]] = [
    (nn.Conv2d(256, 512, 4, 2, 1), 8),
    (nn.Conv2d(512, 512, 3, 1, 1), 4),
    (nn.Conv2d(512, 512, 3, 1, 1), 8),
    (nn.Conv2d(256, 512, 4, 2, 1), 14),
    (nn.Conv2d(128, 256, 4, 2, 1), 8),
    (nn.Conv2d(64, 128, 4, 2, 1), 8),
    (nn.Conv2d(256, 256, 3, 1, 1), 8),
    (nn.Conv2d(128, 256, 4, 2, 1), 16),
    (nn.Conv2d(64, 128, 4, 2, 1), 32),
    (nn.Conv2d(128, 256, 4, 2, 1), 32),
    (nn.Conv2d(64, 256, 4, 2, 1), 16),
    (nn.Conv2d(512, 512, 4, 2, 1), 8),
    (nn.ConvTranspose2d(512, 256, 4, 2, 1), 4),
    (nn.ConvTranspose2d(64, 1, 4, 2, 1), 32),
    (nn.ConvTranspose2d(64, 1, 3, 1, 1), 32),
    (nn.ConvTranspose2d(64, 3, 4, 2, 1), 16),
    (nn.Conv2d(512, 1, 4), 4),
    (nn.ConvTranspose2d(100, 512, 4), 1),
]
"""Each with the side of what it sees."""
NEVER = 10**9
WAYS: dict[str, dict[str, int]] = {
    "im2col": dict.fromkeys(("CHANNELS", "OUTPUTS"), NEVER),
    "winograd": dict.fromkeys(("CHANNELS", "OUTPUTS", "OF_FEW", "POSITIONS", "ALONE"), 1),
}
"""Where fewer multiplications are taken."""


def seconds(convolution: nn.Module, maps: torch.Tensor, gradient: torch.Tensor) -> float:
    """Of a pass there and back."""
    convolution.zero_grad()
    begun = clock()
    convolution(maps).backward(gradient)
    return clock() - begun


def lines(layer: nn.Module, side: int) -> list[str]:
    """What is printed of a layer, a line a way."""
    plain = copy.deepcopy(layer).to(memory_format=LAYOUT)
    products = copy.deepcopy(plain)
    use_im2col(products, Products.ALL)
    maps = torch.randn(BATCH, layer.in_channels, side, side).to(memory_format=LAYOUT).requires_grad_()
    gradient = torch.randn_like(plain(maps))
    small = min(side, gradient.shape[2])
    told = f"{layer!s:75} {side:3} {layer.weight.numel() / small**2:12.0f}"
    shape = (layer.kernel_size, layer.stride, layer.padding)
    halves = shape == (winograd.KERNEL, winograd.STRIDE, winograd.PADDING) and small % 2 == 0
    ways = {"im2col": WAYS["im2col"], **({"winograd": WAYS["winograd"]} if halves else {})}
    return [f"{told} {name:8} {ratio(ratios(products, plain, maps, gradient, way))}" for name, way in ways.items()]


def ratios(
    products: nn.Module, plain: nn.Module, maps: torch.Tensor, gradient: torch.Tensor, way: dict[str, int]
) -> list[float]:
    """What a way takes over what torch's takes, a figure a round."""
    found = []
    with patch.multiple(im2col, WEIGHTS_A_POSITION=0, OVERLAP=100), patch.multiple(winograd, **way):
        for _ in range(ROUNDS + 1):  # also where it would not be done
            found.append(seconds(products, maps, gradient) / seconds(plain, maps, gradient))
    return found[1:]  # the first warms up


def main() -> None:
    """Time all of them."""
    ready()
    keep_freed_memory()
    print(f"torch {torch.__version__}, {torch.get_num_threads()} thread(s), batch {BATCH}, {LAYOUT}")
    for layer, side in [(nn.Conv2d(2, 3, 4, 2, 1), 4)] if TINY else LAYERS:
        print("\n".join(lines(layer, side)), flush=True)


if __name__ == "__main__":
    main()
