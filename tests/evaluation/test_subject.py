"""What `evaluate` is asked about."""

from pathlib import Path

import pytest

from gan_lightning.errors import UsageError
from gan_lightning.evaluation.subject import Pictures, Run, find


@pytest.fixture
def run(tmp_path: Path) -> Path:
    (tmp_path / "checkpoints").mkdir()
    for name in ("config.yaml", "checkpoints/00000010.ckpt", "checkpoints/last.ckpt"):
        (tmp_path / name).touch()
    return tmp_path


def test_a_runs_folder_stands_for_its_last_checkpoint(run: Path):
    assert find(run) == Run(run, run / "checkpoints" / "last.ckpt")
    assert Run(run, run).config == run / "config.yaml"


def test_a_checkpoint_stands_for_itself(run: Path):
    path = run / "checkpoints" / "00000010.ckpt"
    assert find(path) == Run(run, path)


def test_any_other_folder_is_one_of_pictures(tmp_path: Path):
    assert find(tmp_path) == Pictures(tmp_path)
    assert Pictures(tmp_path / "fake").results == tmp_path / "fake_evaluation"


def test_what_is_none_of_these_is_refused(run: Path, tmp_path: Path):
    (tmp_path / "elsewhere.ckpt").touch()
    for path in (run / "config.yaml", tmp_path / "elsewhere.ckpt"):
        with pytest.raises(UsageError, match="evaluate a run's folder, one of its checkpoints"):
            find(path)
    with pytest.raises(UsageError, match="there is no such file or folder"):
        find(tmp_path / "nowhere")


def test_a_run_without_a_checkpoint_is_refused(run: Path):
    (run / "checkpoints" / "last.ckpt").unlink()
    with pytest.raises(UsageError, match="has no checkpoints/last.ckpt"):
        find(run)
