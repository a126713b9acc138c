"""`invert`, as it is used."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from gan_lightning.runs.opened import open_run
from gan_lightning.runs.run import find_run

Call = Callable[..., tuple[int, list[str], list[str]]]
QUICK = ["--steps", 20, "--restarts", 2]


def test_a_sample_of_the_generator_is_found_again(call: Call, image_run: Path, tmp_path: Path) -> None:
    run = shutil.copytree(image_run, tmp_path / "run")
    assert call("sample", run, "--files", "--num", 1, "--seed", 3, "--out", tmp_path / "s")[0] == 0
    code, out, err = call("invert", run, tmp_path / "s" / "00000000.png", "--steps", 200)
    assert code == 0 and err == [] and len(out) == 3
    found = re.match(
        r"PSNR ([\d.]+|inf) dB, loss ([\d.e-]+); the latent's noise has norm [\d.]+, and 2.24 is typical", out[0]
    )
    assert found and float(found[1]) > 35 and float(found[2]) < 0.01
    assert re.search(r"/run/inference/invert_00000003_ema_seed0_00000000-[0-9a-f]{6}_200x8.png$", out[1])
    assert out[2] == out[1].removesuffix(".png") + ".safetensors"
    latent = load_file(out[2])["latent"]
    assert latent.shape == (1, 5) and latent.dtype == torch.float32
    opened = open_run(find_run(run))
    with Image.open(tmp_path / "s" / "00000000.png") as target:
        pixels = torch.tensor(list(target.tobytes())).view(8, 8, -1).permute(2, 0, 1)
    assert (opened.draw(latent, "ema")[0] - pixels).abs().max() < 20


def test_a_picture_of_another_size_is_cut_and_that_is_told(call: Call, image_run: Path, tmp_path: Path) -> None:
    Image.new("RGB", (30, 20), "red").save(tmp_path / "a.png")
    code, out, _ = call("invert", image_run, tmp_path / "a.png", *QUICK, "--out", tmp_path / "b.png")
    assert code == 0
    assert out[0] == "a.png has 30 x 20 pixels: its centre was cut out and resized to 8 x 8"
    assert out[2:] == [str(tmp_path / "b.png"), str(tmp_path / "b.safetensors")]


def test_the_same_seed_finds_the_same(call: Call, image_run: Path, tmp_path: Path) -> None:
    Image.new("RGB", (8, 8), "red").save(tmp_path / "a.png")
    for name in "bc":
        call("invert", image_run, tmp_path / "a.png", *QUICK, "--weights", "raw", "--out", tmp_path / f"{name}.png")
    first, second = (load_file(tmp_path / f"{name}.safetensors")["latent"] for name in "bc")
    assert torch.equal(first, second)


def test_a_point_is_given_as_numbers(call: Call, point_run: Path, tmp_path: Path) -> None:
    code, out, _ = call("invert", point_run, *QUICK, "--out", tmp_path / "a.png", "--", "-0.1,0.2")
    assert (
        code == 0
        and out[0].startswith("distance ")
        and out[1:]
        == [
            str(tmp_path / "a.png"),
            str(tmp_path / "a.safetensors"),
        ]
    )
    assert load_file(tmp_path / "a.safetensors")["latent"].shape == (1, 2)


@pytest.mark.parametrize(
    ("arguments", "fragment"),
    [
        (["1,2,3"], "name one as X,Y"),
        (["nowhere.png"], "name one as X,Y"),
        (["0,0", "--steps", "0"], "--steps"),
        (["0,0", "--restarts", "0"], "--restarts"),
        ([], "IMAGE"),
    ],
)
def test_a_mistake_costs_a_line(call: Call, point_run: Path, arguments: list[str], fragment: str) -> None:
    code, out, err = call("invert", point_run, *arguments)
    assert (code, out, len(err)) == (2, [], 1) and fragment in err[0], err


def test_a_picture_that_is_not_there_costs_a_line(call: Call, image_run: Path, tmp_path: Path) -> None:
    code, out, err = call("invert", image_run, tmp_path / "nowhere.png")
    assert (code, out, len(err)) == (2, [], 1) and "nowhere.png: there is no such picture" in err[0]
