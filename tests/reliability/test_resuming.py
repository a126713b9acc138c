"""Exact resume, for every variant: a run that goes on from a checkpoint is the run that was never interrupted."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor


def difference(left: Any, right: Any, path: str = "") -> str | None:
    """Where two checkpoints differ first, to the bit; None if nowhere."""
    if type(left) is not type(right):
        return path
    if isinstance(left, Tensor):
        return None if left.dtype == right.dtype and torch.equal(left, right) else path
    if isinstance(left, Mapping):
        if left.keys() != right.keys():
            return f"{path}: {sorted(map(str, left.keys() ^ right.keys()))}"
        pairs = [(left[key], right[key], f"{path}.{key}") for key in left]
    elif isinstance(left, list | tuple):
        if len(left) != len(right):
            return path
        pairs = [(*pair, f"{path}.{index}") for index, pair in enumerate(zip(left, right, strict=True))]
    else:
        return None if left == right or (left != left and right != right) else path
    return next((found for one, other, at in pairs if (found := difference(one, other, at)) is not None), None)


def checkpoint(folder: Path, step: int) -> dict[str, Any]:
    return torch.load(folder / "checkpoints" / f"{step:08d}.ckpt", weights_only=True)


def test_a_resumed_run_equals_the_uninterrupted_one_to_the_bit(
    variant: str, tiny_run: Any, logged: Callable[[Path], list[dict[str, str]]], tmp_path: Path
):
    """Weights, average, optimizers, schedules, pools, loops and the loader's position, what is logged, and the RNG;
    from the middle of an epoch, that run from its end, and that one from the middle of the next epoch."""
    whole = source = tmp_path / "whole"
    tiny_run(variant, whole, save=1)
    end = torch.get_rng_state()
    for at in (5, 8, 13):
        rest = tmp_path / f"from {at}"
        torch.manual_seed(at)
        start = source / "checkpoints" / f"{at:08d}.ckpt"
        tiny_run(variant, rest, save=1, knobs=[f"ckpt_path={start}"])
        source = rest
        assert torch.equal(torch.get_rng_state(), end)
        for step in (at + 1, 16, 20):
            assert difference(checkpoint(whole, step), checkpoint(rest, step)) is None, (at, step)
        expected = [row for row in logged(whole) if int(row["step"]) > at]
        assert logged(rest) == expected and len(expected) == 20 - at


def test_the_comparison_sees_a_single_bit():
    state = {"a": [torch.ones(2)], "b": (1.0, math.nan)}
    other = {"a": [torch.tensor([1.0, math.nextafter(1.0, 2.0)])], "b": (1.0, math.nan)}
    assert difference(state, {"a": [torch.ones(2)], "b": (1.0, math.nan)}) is None
    assert difference({"a": [torch.ones(2).double()]}, {"a": [other["a"][0].double()]}) is None
    assert difference(state, {"a": [torch.tensor([1.0, 1.0000001192092896])], "b": (1.0, math.nan)}) == ".a.0"
    assert difference(state, {"a": [torch.ones(2)], "b": (1.0, 2.0)}) == ".b.1"
    assert difference(state, {"a": [torch.ones(2)]}) == ": ['b']"
