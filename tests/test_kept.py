"""What a pass worked out is given again once, for the same numbers only, and not held for nobody."""

import weakref
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.autograd import Function

from gan_lightning.kept import Kept


def made(numbers: Tensor) -> Callable[[], Tensor]:
    """What is made of them: their doubles, in room of its own."""
    return lambda: numbers * 2


def asked(kept: Kept, numbers: Tensor, last: bool = False) -> tuple[Tensor, Tensor]:
    """Of a weight, and of maps."""
    of_maps = kept.of_maps("large", 0, numbers, made(numbers), last=last)
    return kept.of_weight(numbers, made(numbers)), of_maps


@pytest.fixture
def numbers() -> Tensor:
    """A tensor."""
    return torch.arange(3.0)


def test_it_is_given_again_once(numbers: Tensor):
    kept = Kept(maps_again=True, weight_again=True)
    first, second, third = (asked(kept, tensor) for tensor in (numbers, numbers.detach(), numbers))
    for one, again, anew in zip(first, second, third, strict=True):
        assert again is one and anew is not one
        assert torch.equal(anew, one)


@pytest.mark.parametrize(("maps", "weight"), [(True, False), (False, True)])
def test_only_what_is_wanted_again_is_held(maps: bool, weight: bool, numbers: Tensor):
    kept = Kept(maps_again=maps, weight_again=weight)
    once, twice = asked(kept, numbers), asked(kept, numbers)
    assert (twice[0] is once[0], twice[1] is once[1]) == (weight, maps)


def test_the_last_to_ask_holds_nothing(numbers: Tensor):
    kept = Kept(maps_again=True)
    once = asked(kept, numbers, last=True)
    assert asked(kept, numbers)[1] is not once[1]


@pytest.mark.parametrize("part", ["name", "part"])
def test_each_part_has_its_own(part: str, numbers: Tensor):
    kept = Kept(maps_again=True)
    place = {"name": "large", "part": 0}
    once = kept.of_maps(source=numbers, make=made(numbers), **place)
    place[part] = {"name": "small", "part": 1}[part]
    assert kept.of_maps(source=numbers, make=made(numbers), **place) is not once


def test_other_numbers_are_worked_out_anew(numbers: Tensor):
    square = torch.arange(4.0).view(2, 2)
    for one, other in ((numbers, numbers + 1), (numbers, numbers[:2]), (numbers, numbers[1:]), (square, square.t())):
        kept = Kept(maps_again=True, weight_again=True)
        asked(kept, one)
        for result in asked(kept, other):
            assert torch.equal(result, other * 2)


def test_numbers_that_changed_are_worked_out_anew(numbers: Tensor):
    kept = Kept(maps_again=True, weight_again=True)
    asked(kept, numbers)
    numbers.add_(1)
    for result in asked(kept, numbers):
        assert torch.equal(result, numbers * 2)


@pytest.mark.parametrize(("maps", "weight", "enabled"), [(True, True, False), (True, False, True), (False, True, True)])
def test_a_pass_wants_again_what_gradients_will_ask_for(maps: bool, weight: bool, enabled: bool, numbers: Tensor):
    with torch.set_grad_enabled(enabled):
        kept = Kept.before(numbers.clone().requires_grad_(maps), numbers.clone().requires_grad_(weight))
    once, twice = asked(kept, numbers), asked(kept, numbers)
    assert (twice[0] is once[0], twice[1] is once[1]) == (maps and enabled, weight and enabled)


def test_after_a_clearing_nothing_is_held(numbers: Tensor):
    kept = Kept(maps_again=True, weight_again=True)
    once = [weakref.ref(result) for result in asked(kept, numbers)]
    kept.clear()
    assert [result() for result in once] == [None, None]


def test_a_graph_that_holds_what_is_kept_is_not_held_by_it(numbers: Tensor):
    """Else neither would ever go."""
    kept = Kept(maps_again=True)
    source = Holder.apply(numbers.requires_grad_(), kept)
    with torch.no_grad():  # as in a function's forward pass
        asked(kept, source)
    gone = weakref.ref(kept)
    del kept, source
    assert gone() is None


class Holder(Function):
    """A node that has what is kept, as a layer's has."""

    @staticmethod
    def forward(ctx: Any, numbers: Tensor, kept: Kept) -> Tensor:
        ctx.kept = kept
        return numbers.clone()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Any:
        return gradient, None


def test_nothing_is_held_where_somebody_else_keeps_what_autograd_saves(numbers: Tensor):
    with torch.autograd.graph.save_on_cpu():
        kept = Kept.before(numbers.clone().requires_grad_(), numbers.clone().requires_grad_())
    once, twice = asked(kept, numbers), asked(kept, numbers)
    assert twice[0] is not once[0] and twice[1] is not once[1] and not kept.maps_again


@pytest.mark.parametrize("which", [0, 1])
def test_tensors_whose_changes_nobody_counts_are_not_kept(which: int, numbers: Tensor):
    with torch.inference_mode():
        uncounted = numbers * 2
    both = [numbers.clone().requires_grad_(), numbers.clone().requires_grad_()]
    both[which] = uncounted
    kept = Kept.before(*both)
    asked(kept, uncounted)
    assert not kept.maps_again
