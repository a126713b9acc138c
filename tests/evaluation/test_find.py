"""What a path given to `evaluate` stands for."""

from pathlib import Path

import pytest

from gan_lightning.errors import UsageError
from gan_lightning.evaluation.find import find
from gan_lightning.evaluation.of_pictures import PicturesSubject
from gan_lightning.evaluation.of_run import RunSubject
from gan_lightning.runs.run import Run


def test_a_runs_folder_and_a_checkpoint_are_runs(run_folder: Path):
    last, first = (run_folder / "checkpoints" / name for name in ("last.ckpt", "00000010.ckpt"))
    assert find(run_folder) == RunSubject(Run(run_folder, last))
    assert find(first) == RunSubject(Run(run_folder, first))


def test_any_other_folder_is_one_of_pictures(picture_folder: Path):
    assert find(picture_folder) == PicturesSubject(picture_folder)


def test_pictures_beside_another_programs_config_are_pictures(tmp_path: Path):
    (tmp_path / "a.png").touch()
    (tmp_path / "config.yaml").write_text("model: stylegan\ndata: faces\n")
    assert find(tmp_path) == PicturesSubject(tmp_path)


def test_figures_of_pictures_go_beside_them(tmp_path: Path):
    assert PicturesSubject(tmp_path / "fake").results == tmp_path / "fake_evaluation"


def test_a_folder_of_neither_is_refused(tmp_path: Path):
    with pytest.raises(UsageError, match="is no run, and holds no pictures"):
        find(tmp_path)
