"""The history of generated samples that CycleGAN's critics judge (Shrivastava et al. 2017, arXiv:1612.07828, sec. 2.3).

A critic that sees the newest fakes alone forgets the older ones, and the game circles; half of what it sees is older.
"""

from typing import cast

import torch
from torch import Tensor, nn


class ImagePool(nn.Module):
    """A buffer of `size` fakes, part of the module's state, so that a resumed run goes on with the same ones.

    Randomness is torch's global one on the CPU, which every iteration of a run seeds.

    Args:
        shape: of a sample.
        size: samples in it; 0 keeps none.
    """

    def __init__(self, shape: tuple[int, ...], size: int) -> None:
        super().__init__()
        self.size = size
        self.filled = 0
        self.register_buffer("kept", torch.zeros(size, *shape))

    def exchange(self, fakes: Tensor) -> Tensor:
        """What to judge instead of `fakes` (N, *shape), in the same order.

        Until the pool is full it takes every fake in, and hands it back. Then each fake changes places, with
        probability 1/2, with one that is kept; no place is used twice in one call, so at most `size` fakes do.
        """
        kept = cast(Tensor, self.kept)
        taken = min(self.size - self.filled, len(fakes))
        kept[self.filled : self.filled + taken] = fakes[:taken]
        self.filled += taken
        leaving = (torch.rand(len(fakes) - taken) < 0.5).nonzero().squeeze(1)[: self.size] + taken
        places = torch.randperm(self.size)[: len(leaving)].to(kept.device)
        leaving = leaving[: len(places)].to(kept.device)
        judged = fakes.clone()
        judged[leaving] = kept[places]
        kept[places] = fakes[leaving]
        return judged

    def get_extra_state(self) -> Tensor:
        """How many places are filled, as a tensor, which every checkpoint can hold."""
        return torch.tensor(self.filled)

    def set_extra_state(self, state: Tensor) -> None:
        """Restore `filled`."""
        self.filled = int(state)
