"""What `invert` is given."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan_lightning.errors import UsageError
from gan_lightning.inference.target import read_target


def test_a_point() -> None:
    target = read_target("0.5,-1", (2,))
    assert target.values.dtype == np.float32 and target.values.tolist() == [0.5, -1]
    assert (target.name, target.note) == ("0.5,-1", None)


@pytest.mark.parametrize("argument", ["1", "1,2,3", "a,b", "nan,0", "1,inf", "", "digit.png"])
def test_what_is_no_point_is_refused(argument: str) -> None:
    with pytest.raises(UsageError, match="name one as X,Y, as in 0.5,-1"):
        read_target(argument, (2,))


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 8, 8)])
def test_a_picture_of_the_datas_size_is_taken_as_it_is(shape: tuple[int, ...], tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    picture = Image.fromarray(pixels[0] if shape[0] == 1 else pixels.transpose(1, 2, 0))
    picture.save(tmp_path / "a.png")
    target = read_target(str(tmp_path / "a.png"), shape)
    assert target.note is None and target.values.dtype == np.uint8
    np.testing.assert_array_equal(target.values, pixels)


@pytest.mark.parametrize(
    ("size", "note"),
    [
        ((16, 16), "a.png has 16 x 16 pixels: it was resized to 8 x 8"),
        ((20, 10), "a.png has 20 x 10 pixels: its centre was cut out and resized to 8 x 8"),
    ],
)
def test_another_size_is_told(size: tuple[int, int], note: str, tmp_path: Path) -> None:
    Image.new("L", size, 77).save(tmp_path / "a.png")
    target = read_target(str(tmp_path / "a.png"), (1, 8, 8))
    assert target.note == note and target.values.shape == (1, 8, 8) and (target.values == 77).all()


def test_pictures_of_one_name_are_told_apart(tmp_path: Path) -> None:
    names = set()
    for grey in (0, 1):
        Image.new("L", (8, 8), grey).save(tmp_path / "a.png")
        names.add(read_target(str(tmp_path / "a.png"), (1, 8, 8)).name)
    assert len(names) == 2 and all(name.startswith("a-") for name in names)


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(UsageError, match="a.png can't be read as a picture"):
        read_target(str(tmp_path / "a.png"), (1, 8, 8))
    for argument in ("0.5,1", str(tmp_path)):
        with pytest.raises(UsageError, match="there is no such picture"):
            read_target(argument, (1, 8, 8))
