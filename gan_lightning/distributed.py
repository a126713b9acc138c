"""What several processes share: gradients, averaged in one flat buffer."""

from collections.abc import Iterable

import torch
from torch import Tensor
from torch import distributed as dist


def average_gradients(parameters: Iterable[Tensor]) -> None:
    """Replace each gradient by its mean over all processes, with a single all-reduce; alone, do nothing."""
    if not (dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1):
        return
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    dist.all_reduce(flat)
    flat /= dist.get_world_size()
    pieces = flat.split([gradient.numel() for gradient in gradients])
    torch._foreach_copy_(gradients, [piece.view_as(g) for piece, g in zip(pieces, gradients, strict=True)])
