"""What one pass of a layer has worked out, for the passes back from it."""

from collections.abc import Callable
from typing import final

import torch
from torch import Tensor
from torch._C._autograd import _top_saved_tensors_default_hooks


@final
class Kept:
    """Results that are asked for once more: made of the very tensor that they were made of before, unchanged since.

    What is written behind autograd's back (`Tensor.data`, NumPy) between a pass and the one back from it isn't seen.
    The results are let go when they are given again, when the pass back ends (`clear`), or with the pass's graph.
    """

    def __init__(self, maps_again: bool = False, weight_again: bool = False) -> None:
        self.maps_again, self._weight_again = maps_again, weight_again
        self._results: dict[tuple[str, int], tuple[Tensor, int, Tensor]] = {}

    @classmethod
    def before(cls, maps: Tensor, weight: Tensor) -> "Kept":
        """A pass of these: maps are wanted again for the weight's gradient, and the weight for theirs.

        Nothing is kept where no gradient will be asked for, nor where somebody else keeps what autograd saves: on
        another device, or not at all, as checkpointing does.
        """
        if not torch.is_grad_enabled() or _top_saved_tensors_default_hooks(False) is not None:
            return cls()
        if maps.is_inference() or weight.is_inference():
            return cls()
        return cls(weight.requires_grad, maps.requires_grad)

    def clear(self) -> None:
        """Let go of all."""
        self._results.clear()

    def of_weight(self, source: Tensor, make: Callable[[], Tensor]) -> Tensor:
        """What is made of a weight."""
        return self._result("weight", 0, source, make, self._weight_again)

    def of_maps(self, name: str, part: int, source: Tensor, make: Callable[[], Tensor], last: bool = False) -> Tensor:
        """What is made of a part of a batch of maps, which may be the last that is to be asked of it."""
        return self._result(name, part, source, make, self.maps_again and not last)

    def _result(self, name: str, part: int, source: Tensor, make: Callable[[], Tensor], again: bool) -> Tensor:
        of, version, result = self._results.pop((name, part), (None, 0, source))
        if of is not None and _is_same(of, source) and version == source._version:
            return result
        result = make()
        if again:
            self._results[name, part] = source.detach(), source._version, result  # its graph may have this one in it
        return result


def _is_same(one: Tensor, other: Tensor) -> bool:
    """Whether they are the same numbers: autograd hands out another object for a tensor that it saved."""
    return one.data_ptr() == other.data_ptr() and one.shape == other.shape and one.stride() == other.stride()
