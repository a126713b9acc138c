"""Exponential moving average of the generator alone."""

import copy

import torch
from torch import Tensor, nn


class MovingAverage(nn.Module):
    """A copy of the generator whose weights trail behind (Karras et al. 2018, app. A.4; Yazici et al. 2019).

    Buffers (BatchNorm's statistics, spectral norm's vectors) are copied as they stand. Part of the module, so a
    checkpoint holds it under `average.generator`.

    Args:
        generator: the network to follow; it is copied.
        decay: weight of the past, in (0, 1); early in a run at most (1 + t) / (10 + t), so that the first samples
            aren't those of the random initialisation.
    """

    def __init__(self, generator: nn.Module, decay: float) -> None:
        super().__init__()
        self.generator = copy.deepcopy(generator).requires_grad_(False)
        self.decay = decay
        self._pairs: tuple[list[Tensor], list[Tensor]] = ([], [])
        self._buffers_pairs: tuple[list[Tensor], list[Tensor]] = ([], [])

    def follow(self, generator: nn.Module) -> None:
        """Remember the tensors of `generator`, which is on its final device now."""
        self._pairs = (list(self.generator.parameters()), [p.detach() for p in generator.parameters()])
        self._buffers_pairs = (list(self.generator.buffers()), list(generator.buffers()))

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Move the average towards the generator; `step` counts generator updates."""
        averaged, live = self._pairs
        torch._foreach_lerp_(averaged, live, 1 - min(self.decay, (1 + step) / (10 + step)))
        averaged_buffers, live_buffers = self._buffers_pairs
        if live_buffers:
            torch._foreach_copy_(averaged_buffers, live_buffers)
