"""What stands in a folder where a run wants to write."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gan_lightning.errors import UsageError
from gan_lightning.runs.intact import check_intact, check_table


def folder_with(name: str, make: Callable[[Path], None], tmp_path: Path) -> Path:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    make(path)
    return tmp_path


def to_nothing(path: Path) -> None:
    path.symlink_to(path.parent / "nowhere")


@pytest.mark.parametrize(
    ("name", "make", "told"),
    [
        ("metrics.csv", Path.mkdir, "is no file, and a run writes one there: move it away"),
        ("config.yaml", os.mkfifo, "is no file, and a run writes one there: move it away"),
        ("checkpoints/last.ckpt", Path.mkdir, "is no file, and a run writes one there: move it away"),
        ("samples", Path.touch, "is no folder, and a run needs one there: move it away"),
        ("metrics.csv", to_nothing, "is a link to nothing, and a run writes a file there: remove it"),
    ],
)
def test_what_a_run_cannot_write_over_is_named(
    name: str, make: Callable[[Path], None], told: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=f"^{tmp_path / name} {told}$"):
        check_intact(folder_with(name, make, tmp_path))


@pytest.mark.parametrize(
    ("name", "make"), [("metrics.csv", Path.touch), ("samples", Path.mkdir), ("checkpoints/last.ckpt", to_nothing)]
)
def test_what_it_can_is_let_be(name: str, make: Callable[[Path], None], tmp_path: Path) -> None:
    check_intact(folder_with(name, make, tmp_path))  # a pointer whose checkpoint is gone is found another one


def test_a_damaged_table_is_named_with_its_damage(tmp_path: Path) -> None:
    check_table(tmp_path)
    (tmp_path / "metrics.csv").write_text("a,b\n1,2\n")
    with pytest.raises(UsageError, match="metrics.csv is damaged, for its first line names no column step: mend it"):
        check_table(tmp_path)
