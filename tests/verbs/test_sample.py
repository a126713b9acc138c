"""`sample`, as it is used."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

Call = Callable[..., tuple[int, list[str], list[str]]]
Size = Callable[[object], tuple[int, int]]


def read(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture)


def pixels(folder: Path) -> list[np.ndarray]:
    return [read(path) for path in sorted(folder.iterdir())]


def test_a_sheet_lies_in_the_run_and_its_name_says_what_it_is(call: Call, image_run: Path, tmp_path: Path) -> None:
    run = shutil.copytree(image_run, tmp_path / "run")
    expected = run / "inference" / "sample_00000003_ema_seed5_n10.png"
    for _ in range(2):  # the same name is the same content: it may be written again
        code, out, err = call("sample", run, "--num", 10, "--seed", 5)
        assert (code, out, err) == (0, [str(expected)], [])
    with Image.open(expected) as picture:
        assert picture.mode == "RGB" and picture.size == (546, 416)  # 4 x 3 images of 8 + 2 px, + 2, 13 times
    code, out, _ = call("sample", run / "checkpoints" / "00000002.ckpt", "--weights", "raw", "--truncation", 0.5)
    assert code == 0 and Path(out[-1]).name == "sample_00000002_raw_seed0_n64_t0.5.png"
    assert len(list((run / "inference").iterdir())) == 2


def test_a_sample_depends_on_the_seed_alone(call: Call, image_run: Path, tmp_path: Path) -> None:
    for name, num, seed in (("few", 3, 0), ("many", 70, 0), ("others", 3, 1)):
        assert call("sample", image_run, "--files", "--num", num, "--seed", seed, "--out", tmp_path / name)[0] == 0
    few, many, others = (pixels(tmp_path / name) for name in ("few", "many", "others"))
    assert (len(few), len(many)) == (3, 70)
    assert sorted(path.name for path in (tmp_path / "few").iterdir()) == [f"{k:08d}.png" for k in range(3)]
    for k in range(3):
        np.testing.assert_array_equal(few[k], many[k])
        assert not np.array_equal(few[k], others[k])


def test_files_are_of_the_datas_size_and_channels(call: Call, image_run: Path, tmp_path: Path) -> None:
    assert call("sample", image_run, "--files", "--num", 1, "--out", tmp_path / "a")[0] == 0
    (sample,) = pixels(tmp_path / "a")
    channels = 1 if "channels: 1" in (image_run / "config.yaml").read_text() else 3
    assert sample.shape == ((8, 8) if channels == 1 else (8, 8, 3)) and sample.dtype == np.uint8


def test_points_come_as_numbers_and_as_a_picture(call: Call, size_of: Size, point_run: Path, tmp_path: Path) -> None:
    for name, num in (("few", 10), ("many", 1000)):
        code, out, _ = call("sample", point_run, "--files", "--num", num, "--out", tmp_path / name)
        assert code == 0 and out == [str(tmp_path / name)]
    few, many = (np.load(tmp_path / name / "samples.npy") for name in ("few", "many"))
    assert few.dtype == np.float32 and few.shape == (10, 2) and many.shape == (1000, 2)
    np.testing.assert_array_equal(few, many[:10])
    for path in (tmp_path / "few" / "samples.png", tmp_path / "sheet.png"):
        if not path.exists():
            assert call("sample", point_run, "--out", path)[0] == 0
        assert size_of(path) == (600, 600)


def test_ema_is_the_default_and_differs_from_raw(call: Call, point_run: Path, tmp_path: Path) -> None:
    for name, choice in {"default": [], "ema": ["--weights", "ema"], "raw": ["--weights", "raw"]}.items():
        assert call("sample", point_run, "--files", *choice, "--out", tmp_path / name)[0] == 0
    default, ema, raw = (np.load(tmp_path / name / "samples.npy") for name in ("default", "ema", "raw"))
    np.testing.assert_array_equal(default, ema)
    assert not np.array_equal(ema, raw)


@pytest.mark.parametrize(
    ("arguments", "fragment"),
    [
        (["--num", "0"], "--num"),
        (["--truncation", "0"], "--truncation 0: it must be a number above 0"),
        (["--truncation", "nan"], "--truncation nan"),
        (["--truncation", "inf"], "--truncation inf"),
        (["--seed", "-1"], "--seed"),
        (["--weights", "average"], "'average' is not one of 'ema', 'raw'"),
        (["--out", "sheet.jpg"], "end its name in .png"),
    ],
)
def test_a_mistake_costs_a_line_and_leaves_nothing(
    call: Call, point_run: Path, arguments: list[str], fragment: str
) -> None:
    before = sorted(point_run.rglob("*"))
    code, out, err = call("sample", point_run, *arguments)
    assert (code, out, len(err)) == (2, [], 1) and fragment in err[0], err
    assert sorted(point_run.rglob("*")) == before


def test_each_class_has_a_row_and_files_lie_in_a_folder_each(
    call: Call, size_of: Size, labelled_run: Path, tmp_path: Path
) -> None:
    assert call("sample", labelled_run, "--out", tmp_path / "sheet.png")[0] == 0
    assert size_of(tmp_path / "sheet.png") == (6 * 102, 6 * 32)  # three rows of ten images of 8 + 2 px, and 2
    assert call("sample", labelled_run, "--files", "--num", 7, "--out", tmp_path / "files")[0] == 0
    files = sorted(str(path.relative_to(tmp_path / "files")) for path in (tmp_path / "files").rglob("*.png"))
    assert files == [f"{k % 3:03d}/{k:08d}.png" for k in (0, 3, 6, 1, 4, 2, 5)]
    assert call("sample", labelled_run, "--files", "--num", 4, "--label", 1, "--out", tmp_path / "ones")[0] == 0
    assert sorted(path.name for path in (tmp_path / "ones").iterdir()) == ["001"]
    one, same = (read(tmp_path / folder / "001" / "00000001.png") for folder in ("files", "ones"))
    np.testing.assert_array_equal(one, same)  # sample 1 is of class 1 either way


@pytest.mark.parametrize("label", [-1, 3])
def test_a_class_that_is_not_there_costs_a_line(call: Call, labelled_run: Path, label: int) -> None:
    before = sorted(labelled_run.rglob("*"))
    code, out, err = call("sample", labelled_run, "--label", label)
    assert (code, out) == (2, []) and err == [f"gan_lightning: --label {label}: this run's classes are 0 to 2"]
    assert sorted(labelled_run.rglob("*")) == before


def test_nothing_is_asked_of_a_generator_without_classes(call: Call, point_run: Path) -> None:
    code, out, err = call("sample", point_run, "--label", 0)
    assert (code, out, len(err)) == (2, [], 1) and "takes no classes: leave --label out" in err[0]


def test_a_sheet_has_an_end(call: Call, image_run: Path) -> None:
    code, _, err = call("sample", image_run, "--num", 10_001)
    assert code == 2 and "--num 10001 is too many for one picture: add --files" in err[0]


def test_a_damaged_checkpoint_leaves_nothing(call: Call, point_run: Path, tmp_path: Path) -> None:
    run = shutil.copytree(point_run, tmp_path / "run")
    (run / "checkpoints" / "last.ckpt").write_bytes(b"damaged")
    before = sorted(run.rglob("*"))
    code, out, err = call("sample", run)
    assert (code, out, len(err)) == (2, [], 1) and "can't be read as a checkpoint" in err[0]
    assert sorted(run.rglob("*")) == before


def test_what_is_there_is_left_alone(call: Call, point_run: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    code, _, err = call("sample", point_run, "--files", "--out", tmp_path / "mine")
    assert code == 2 and "mine is there already" in err[0] and list((tmp_path / "mine").iterdir()) == []
