"""`interpolate`, as it is used."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

Call = Callable[..., tuple[int, list[str], list[str]]]
Size = Callable[[object], tuple[int, int]]


def test_rows_and_a_film_lie_in_the_run(call: Call, image_run: Path, tmp_path: Path) -> None:
    run = shutil.copytree(image_run, tmp_path / "run")
    code, out, err = call("interpolate", run, "--rows", 2, "--steps", 4)
    stem = run / "inference" / "interpolate_00000003_ema_seed0_spherical_2x4"
    assert (code, out, err) == (0, [f"{stem}.png", f"{stem}.gif"], [])
    with Image.open(f"{stem}.png") as picture:
        assert picture.size == (546, 26 + 286)  # 42 px, 13 times; a line of words and 22 px, 13 times
    with Image.open(f"{stem}.gif") as film:
        assert film.info["loop"] == 0 and film.n_frames > 2


def test_a_row_begins_and_ends_with_the_seeds_samples(call: Call, image_run: Path, tmp_path: Path) -> None:
    assert call("sample", image_run, "--files", "--num", 4, "--out", tmp_path / "s")[0] == 0
    arguments = ["--rows", 2, "--steps", 2, "--no-gif", "--mode", "linear", "--out", tmp_path / "a.png"]
    code, out, _ = call("interpolate", image_run, *arguments)
    assert code == 0 and out == [str(tmp_path / "a.png")] and not (tmp_path / "a.gif").exists()
    sheet = np.asarray(Image.open(tmp_path / "a.png"))[26:]
    factor = sheet.shape[1] // 22
    small = sheet[factor // 2 :: factor, factor // 2 :: factor].astype(int)
    for k in range(4):
        row, column = divmod(k, 2)
        shown = small[2 + 10 * row : 10 + 10 * row, 2 + 10 * column : 10 + 10 * column]
        sample = np.asarray(Image.open(tmp_path / "s" / f"{k:08d}.png").convert("RGB")).astype(int)
        assert abs(shown - sample).max() <= 1  # another batch size may round otherwise


@pytest.mark.parametrize("mode", ["linear", "spherical"])
def test_points_go_along_paths(call: Call, size_of: Size, point_run: Path, tmp_path: Path, mode: str) -> None:
    code, out, _ = call("interpolate", point_run, "--mode", mode, "--rows", 10, "--out", tmp_path / "a.png")
    assert code == 0 and out == [str(tmp_path / "a.png"), str(tmp_path / "a.gif")]
    assert size_of(out[0]) == size_of(out[1]) == (600, 600)


@pytest.mark.parametrize(
    ("arguments", "fragment"),
    [(["--rows", "0"], "--rows"), (["--steps", "1"], "--steps"), (["--mode", "cubic"], "'cubic' is not one of")],
)
def test_a_mistake_costs_a_line(call: Call, point_run: Path, arguments: list[str], fragment: str) -> None:
    code, out, err = call("interpolate", point_run, *arguments)
    assert (code, out, len(err)) == (2, [], 1) and fragment in err[0], err


def test_a_film_that_is_there_is_left_alone(call: Call, point_run: Path, tmp_path: Path) -> None:
    (tmp_path / "a.gif").touch()
    code, _, err = call("interpolate", point_run, "--out", tmp_path / "a.png")
    assert code == 2 and "a.gif is there already" in err[0] and not (tmp_path / "a.png").exists()
