"""When a run has diverged."""

import json
from pathlib import Path

import pytest
import torch

from gan_lightning.execution import divergence


def write(folder: Path, *values: tuple[int, float | None]) -> None:
    lines = [{"name": "share9", "weights": "ema", "value": value, "step": step} for step, value in values]
    (folder / "metrics.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n")


def test_finite_weights_and_figures_have_not_diverged(tmp_path: Path) -> None:
    assert divergence(torch.nn.Linear(2, 2), tmp_path) is None  # nothing was measured
    write(tmp_path, (0, None), (10, 0.5))  # it has recovered
    assert divergence(torch.nn.Linear(2, 2), tmp_path) is None


def test_a_last_figure_that_is_not_finite_is_named(tmp_path: Path) -> None:
    write(tmp_path, (0, 0.5), (10, None))
    assert divergence(torch.nn.Linear(2, 2), tmp_path) == "ema/share9 is not finite"


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_named(tmp_path: Path, value: float) -> None:
    layer = torch.nn.Linear(2, 2)
    with torch.no_grad():
        layer.bias[1] = value
    assert divergence(layer, tmp_path) == "the weights are not finite, bias first"


def test_weights_that_are_finite_and_absurd_are_named(tmp_path: Path) -> None:
    layer = torch.nn.Linear(2, 2)
    with torch.no_grad():
        layer.bias[1] = -3e27
    assert divergence(layer, tmp_path) == "the weights have grown without bound, bias to 3e+27"
