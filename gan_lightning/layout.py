"""How images, weights and what optimizers keep lie in memory: plane by plane, or pixel by pixel, to the last stride.

Where there is one channel both orders are the same one, and torch leaves strides as they are. It reads them all the
same: a convolution of grey images, in a network laid out pixel by pixel, writes its maps plane by plane, and whatever
comes next, there and back, works on maps of two orders or copies them. So strides are set here as if there were more.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from gan_lightning.adam import Adam


def lay_out(module: nn.Module, layout: torch.memory_format) -> None:
    """Have a module's weights of four dimensions lie in memory as `layout` says; they stay the same parameters."""
    module.to(memory_format=layout)
    for weight in module.parameters():
        if weight.dim() == 4:
            weight.data = in_order(weight.data, layout)


def in_order(maps: Tensor, layout: torch.memory_format) -> Tensor:
    """(N, C, H, W) as `layout` has it, with its strides also where a single channel or pixel leaves them open."""
    number, channels, height, width = maps.shape
    if layout != torch.channels_last:
        return maps.flatten(1).view(maps.shape)
    rows = maps.permute(0, 2, 3, 1).flatten(1)
    return rows.view(number, height, width, channels).permute(0, 3, 1, 2)


def follow_layout(optimizers: Iterable[Optimizer]) -> None:
    """Lay out what optimizers keep as the weights are: a fused step takes both in the order of the memory.

    A checkpoint's lies as its run's weights did, and torch neither moves it nor complains.
    """
    for optimizer in optimizers:
        for weight, kept in optimizer.state.items():
            for name, value in kept.items():
                if torch.is_tensor(value) and value.shape == weight.shape and value.stride() != weight.stride():
                    kept[name] = torch.empty_like(weight).copy_(value)
        if isinstance(optimizer, Adam):
            optimizer.forget()
