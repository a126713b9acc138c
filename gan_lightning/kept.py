"""What one pass of a layer has worked out, for the passes back from it."""

from collections.abc import Callable
from typing import final

import torch
from torch import Tensor


@final
class Kept:
    """Results that are asked for once more: made of the very tensor that they were made of before, unchanged since.

    As autograd's saved tensors they live as long as the pass's graph, if they aren't asked for before. Nothing is kept
    where no gradient will be asked for.
    """

    def __init__(self, maps_again: bool = False, weight_again: bool = False) -> None:
        self.maps_again, self._weight_again = maps_again, weight_again
        self._results: dict[tuple[str, int], tuple[Tensor, int, Tensor]] = {}

    @classmethod
    def before(cls, maps: Tensor, weight: Tensor) -> "Kept":
        """A pass of these: maps are wanted again for the weight's gradient, and the weight's transform for theirs."""
        learns = torch.is_grad_enabled()
        return cls(learns and weight.requires_grad, learns and maps.requires_grad)

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
            self._results[name, part] = source, source._version, result
        return result


def _is_same(one: Tensor, other: Tensor) -> bool:
    """Whether they are the same numbers: autograd hands out another object for a tensor that it saved."""
    return one.data_ptr() == other.data_ptr() and one.shape == other.shape and one.stride() == other.stride()
