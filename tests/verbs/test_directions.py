"""`directions`, as it is used."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from gan_lightning.networks import mlp

Call = Callable[..., tuple[int, list[str], list[str]]]
Size = Callable[[object], tuple[int, int]]


@pytest.mark.parametrize("method", ["weights", "features"])
def test_a_row_for_each_direction_lies_in_the_run(
    call: Call, size_of: Size, image_run: Path, tmp_path: Path, method: str
) -> None:
    run = shutil.copytree(image_run, tmp_path / "run")
    code, out, err = call("directions", run, "--count", 2, "--steps", 3, "--range", 2.5, "--method", method)
    expected = run / "inference" / f"directions_00000003_ema_seed0_{method}_2x3_range2.5.png"
    assert (code, out, err) == (0, [str(expected)], [])
    width, height = size_of(expected)
    assert height == 2 * 26 + 22 * 16 and width > 32 * 16  # two lines of words; 32 x 22 px, 16 times


def test_points_go_along_directions_of_which_there_may_be_fewer(
    call: Call, size_of: Size, point_run: Path, tmp_path: Path
) -> None:
    code, out, _ = call("directions", point_run, "--out", tmp_path / "a.png")
    assert (code, out) == (0, ["this generator has 2 directions", str(tmp_path / "a.png")])
    assert size_of(tmp_path / "a.png") == (600, 600)


@pytest.mark.parametrize(
    ("arguments", "fragment"),
    [
        (["--count", "0"], "--count"),
        (["--steps", "1"], "--steps"),
        (["--range", "-1"], "--range -1: it must be a number above 0"),
        (["--range", "nan"], "--range nan"),
        (["--method", "pca"], "'pca' is not one of 'weights', 'features'"),
    ],
)
def test_a_mistake_costs_a_line(call: Call, point_run: Path, arguments: list[str], fragment: str) -> None:
    code, out, err = call("directions", point_run, *arguments)
    assert (code, out, len(err)) == (2, [], 1) and fragment in err[0], err


def test_a_generator_that_does_not_vary_is_told(
    call: Call, point_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mlp.Generator, "features", lambda self, latents: torch.zeros(len(latents), 4))
    code, out, err = call("directions", point_run, "--method", "features", "--out", tmp_path / "a.png")
    assert (code, out, len(err)) == (2, [], 1) and "features don't vary" in err[0]
    assert list(tmp_path.iterdir()) == []
