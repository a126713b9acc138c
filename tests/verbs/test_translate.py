"""`translate`, as it is used."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from gan_lightning.inference.folder import as_png
from gan_lightning.runs.opened import open_run
from gan_lightning.runs.run import find_run

Call = Callable[..., tuple[int, list[str], list[str]]]


def paint(folder: Path, n: int, size: tuple[int, int], seed: int) -> Path:
    """A folder of coloured noise."""
    folder.mkdir(parents=True)
    for number, pixels in enumerate(np.random.default_rng(seed).integers(0, 256, (n, *size, 3), np.uint8)):
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return folder


@pytest.fixture(scope="module")
def cycle_run(tmp_path_factory: pytest.TempPathFactory, saved_run: Callable[..., Any]) -> Path:
    """A run between two folders of noise, 8 px, and the folders."""
    place = tmp_path_factory.mktemp("cycle")
    folders = [paint(place / name, 8, (8, 8), seed) for seed, name in enumerate(("left", "right"))]
    data = [f"data.{domain}_root={folder}" for domain, folder in zip(("source", "target"), folders, strict=True)]
    small = ["network.generator.width=2", "network.generator.blocks=1", "network.discriminator.width=2"]
    knobs = [*small, "network.discriminator.layers=1", "data.size=8", f"data.cache={place}"]
    saved_run(place / "run", "model=cyclegan", "data=unpaired_folders", *data, knobs=knobs)
    return place


def pixels_of(path: Path) -> torch.Tensor:
    with Image.open(path) as picture:
        return torch.tensor(np.asarray(picture)).permute(2, 0, 1)


@pytest.mark.parametrize("back", [False, True])
def test_each_picture_is_translated_under_its_own_name(call: Call, cycle_run: Path, tmp_path: Path, back: bool) -> None:
    options = ["--back"] if back else []
    code, out, err = call("translate", cycle_run / "run", cycle_run / "left", *options, "--out", tmp_path / "made")
    assert (code, err) == (0, []) and out == [str(tmp_path / "made"), str(tmp_path / "made.png")]
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == [f"{number}.png" for number in range(8)]
    opened = open_run(find_run(cycle_run / "run"))
    network: Any = opened.module.network(opened.module.weights[0])
    with torch.no_grad():
        source = opened.data.scale(pixels_of(cycle_run / "left" / "3.png")[None])
        expected = opened.data.restore(network.back(source) if back else network(source))[0]
    difference = pixels_of(tmp_path / "made" / "3.png").int() - expected.int()
    assert difference.abs().max() <= 1


def test_other_sizes_are_cut_and_that_is_told(call: Call, size_of: Any, cycle_run: Path, tmp_path: Path) -> None:
    folder = paint(tmp_path / "wide" / "inner", 11, (9, 20), 5).parent
    code, out, _ = call("translate", cycle_run / "run", folder)
    assert code == 0 and out[0] == "11 of 11 pictures were cut and resized to 8 x 8"
    assert out[1].endswith("run/inference/translate_00000003_raw_wide") and out[2] == out[1] + ".png"
    assert len(list(Path(out[1], "inner").glob("*.png"))) == 11
    assert pixels_of(Path(out[1], "inner", "10.png")).shape == (3, 8, 8)
    assert size_of(out[2])[0] > 8 * 8


def test_names_that_would_be_one_stay_apart() -> None:
    assert as_png(["a.jpg", "b.png", "c/a.jpg"]) == ["a.png", "b.png", "c/a.png"]
    assert as_png(["a.jpg", "a.png", "b.gif"]) == ["a.jpg.png", "a.png.png", "b.png"]


def test_mistakes_cost_a_line(call: Call, cycle_run: Path, point_run: Path, tmp_path: Path) -> None:
    run, empty, broken = cycle_run / "run", tmp_path / "empty", tmp_path / "broken"
    empty.mkdir(), broken.mkdir()
    (broken / "a.png").write_text("no picture")
    for arguments, fragment in (
        ([run, tmp_path / "nowhere"], "nowhere is not a folder: name one that holds pictures"),
        ([run, empty], "empty holds no pictures: name a folder that does"),
        ([run, broken, "--out", tmp_path / "out"], "a.png cannot be read as a picture"),
        ([point_run, cycle_run / "left"], "is no run of model=cyclegan, and no other translates"),
        ([run], "FOLDER"),
    ):
        code, out, err = call("translate", *arguments)
        assert (code, out, len(err)) == (2, [], 1) and fragment in err[0], err
    assert not (tmp_path / "out").exists()
