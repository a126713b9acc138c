"""Pictures are taken as they are, or refused."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from gan_lightning.data.image_folder import ImageFolder
from gan_lightning.errors import UsageError
from gan_lightning.evaluation.pictures import read_pictures


def save(path: Path, grey: int, size: int = 8) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((size, size), grey, np.uint8)).save(path)


@pytest.fixture
def data(tmp_path: Path) -> ImageFolder:
    """Grey pictures of 8 px in two classes."""
    for kind in ("cat", "dog"):
        save(tmp_path / "data" / kind / "a.png", 9)
    loading = {"batch_size": 1, "minibatches": 1, "seed": 0}
    return ImageFolder(str(tmp_path / "data"), 8, 1, str(tmp_path / "cache"), None, False, **loading)


def test_pixels_arrive_unchanged_with_their_classes(data: ImageFolder, tmp_path: Path):
    for grey in range(6):
        save(tmp_path / "fake" / ("cat" if grey % 2 else "dog") / f"{grey}.png", grey)
    values, labels = read_pictures(tmp_path / "fake", data)
    assert values.shape == (6, 1, 8, 8) and values.dtype == torch.uint8
    assert sorted(values[:, 0, 0, 0].tolist()) == list(range(6))
    assert labels is not None
    assert labels.tolist() == [0 if grey % 2 else 1 for grey in values[:, 0, 0, 0].tolist()]


def test_the_order_is_mixed_and_the_same_every_time(data: ImageFolder, tmp_path: Path):
    for grey in range(30):
        save(tmp_path / "fake" / f"{grey:02d}.png", grey)
    values, labels = read_pictures(tmp_path / "fake", data)
    assert values[:, 0, 0, 0].tolist() != list(range(30))
    assert torch.equal(values, read_pictures(tmp_path / "fake", data).values)
    assert labels is None


def test_a_broken_picture_is_named(data: ImageFolder, tmp_path: Path):
    for grey in range(3):
        save(tmp_path / "fake" / f"{grey}.png", grey)
    path = tmp_path / "fake" / "1.png"
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(UsageError, match=r"1\.png cannot be read as a picture .*: mend or remove it"):
        read_pictures(tmp_path / "fake", data)


def test_one_picture_is_too_few(data: ImageFolder, tmp_path: Path):
    save(tmp_path / "fake" / "0.png", 0)
    with pytest.raises(UsageError, match="holds 1 picture: figures need at least 2"):
        read_pictures(tmp_path / "fake", data)


def test_pictures_of_mixed_sizes_are_refused(data: ImageFolder, tmp_path: Path):
    save(tmp_path / "fake" / "0.png", 0)
    save(tmp_path / "fake" / "1.png", 1, size=16)
    with pytest.raises(UsageError, match=r"1\.png has 16 x 16 pixels, and the data have 8 x 8: all pictures must be"):
        read_pictures(tmp_path / "fake", data)
