"""Which run a folder, a checkpoint or `last` stands for."""

import os
from pathlib import Path
from zipfile import ZipFile

import pytest

from gan_lightning.errors import UsageError
from gan_lightning.runs.run import CONFIG, Run, find_run, is_run


def test_a_folder_stands_for_its_last_checkpoint(run_folder: Path):
    assert find_run(run_folder) == Run(run_folder, run_folder / "checkpoints" / "last.ckpt")


def test_a_checkpoint_stands_for_itself(run_folder: Path):
    path = run_folder / "checkpoints" / "00000010.ckpt"
    assert find_run(str(path)) == Run(run_folder, path)


def test_last_is_the_run_with_the_newest_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    for age, name in enumerate(["day/newest", "day/sweep/0", "day/oldest"]):
        checkpoint = Path("outputs", name, "checkpoints", "last.ckpt")
        checkpoint.parent.mkdir(parents=True)
        checkpoint.touch()
        os.utime(checkpoint, (1e9 - age, 1e9 - age))
        (checkpoint.parent.parent / CONFIG).write_text("model: {}\ndata: {}\nmetrics: {}\n")
    assert find_run("last").folder == Path("outputs/day/newest")


def test_without_any_run_there_is_no_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="there is no run with a checkpoint in outputs/"):
        find_run("last")


def test_what_is_no_run_is_refused(run_folder: Path, tmp_path: Path):
    (tmp_path / "elsewhere.ckpt").touch()
    for path in (run_folder / CONFIG, tmp_path / "elsewhere.ckpt"):
        with pytest.raises(UsageError, match="is no checkpoint of a run: name a run"):
            find_run(path)
    with pytest.raises(UsageError, match="there is no such file or folder"):
        find_run(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="is no run, for it has no config.yaml"):
        find_run(tmp_path / "empty")


def test_a_run_without_a_checkpoint_is_refused(run_folder: Path):
    (run_folder / "checkpoints" / "last.ckpt").unlink()
    with pytest.raises(UsageError, match="has no checkpoints/last.ckpt"):
        find_run(run_folder)


@pytest.mark.parametrize(
    ("content", "expected"), [("model: {}\ndata: {}\nmetrics: {}\n", True), ("", True), ("model: x\ndata: y\n", False)]
)
def test_a_runs_folder_is_told_by_its_config(content: str, expected: bool, tmp_path: Path):
    (tmp_path / CONFIG).write_text(content)
    assert is_run(tmp_path) is expected


def test_without_the_file_behind_the_last_the_newest_whole_one_is_taken(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    checkpoints = run_folder / "checkpoints"
    (checkpoints / "last.ckpt").unlink()
    (checkpoints / "last.ckpt").symlink_to("00000030.ckpt")
    for step in (5, 7):
        with ZipFile(checkpoints / f"{step:08d}.ckpt", "w") as archive:
            archive.writestr("data", "x")
    newest = Run(run_folder, checkpoints / "00000007.ckpt")  # the one of iteration 10 is empty
    assert find_run(run_folder) == newest
    monkeypatch.setattr("gan_lightning.runs.run.OUTPUTS", tmp_path)
    assert find_run("last") == newest


@pytest.mark.parametrize("section", ["null", "0", "x", "[]", "${foo}", "???"])
def test_a_section_that_has_no_parts_is_damage(section: str, run_folder: Path):
    (run_folder / CONFIG).write_text(f"model: {section}\ndata: {{}}\nmetrics: {{}}\n")
    with pytest.raises(UsageError, match="config.yaml can't be read as a run's config"):
        _ = find_run(run_folder).config


@pytest.mark.parametrize("content", ["{{{", "a: 1", ""])
def test_a_damaged_config_is_named(content: str, run_folder: Path):
    (run_folder / CONFIG).write_text(content)
    with pytest.raises(UsageError, match="config.yaml can't be read as a run's config"):
        _ = find_run(run_folder).config
