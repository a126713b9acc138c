"""Which runs pictures can be made of."""

from pathlib import Path

import pytest

from gan_lightning.errors import UsageError
from gan_lightning.inference.shapes import drawable_shape
from gan_lightning.runs.run import Run

LINEAR = "gan_lightning.data.linear_gaussian.LinearGaussian"


def made(folder: Path, data: str) -> Run:
    (folder / "config.yaml").write_text(f"model: {{}}\nmetrics: {{}}\ndata: {data}\n")
    return Run(folder, folder / "last.ckpt")


def test_images_and_points_are(tmp_path: Path) -> None:
    assert drawable_shape(made(tmp_path, f"{{_target_: {LINEAR}, offset: [0, 1]}}")) == (2,)
    images = "{_target_: gan_lightning.data.mnist.MNIST, size: 28}"
    assert drawable_shape(made(tmp_path, images)) == (1, 28, 28)


def test_points_elsewhere_are_not(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"this run's samples are \(3,\)"):
        drawable_shape(made(tmp_path, f"{{_target_: {LINEAR}, offset: [0, 1, 2]}}"))


@pytest.mark.parametrize("data", ["{}", "null", f"{{_target_: {LINEAR}, offset: 3}}"])
def test_a_damaged_config_is_told(data: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="config.yaml can't be read as a run's config"):
        drawable_shape(made(tmp_path, data))
