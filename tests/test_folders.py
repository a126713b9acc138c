"""Folders that nothing came to be in."""

from pathlib import Path

import pytest

from gan_lightning.folders import make, missing, remove_empty, remove_untrained


def test_missing_are_the_folders_that_making_one_would_make(tmp_path: Path):
    (tmp_path / "a").mkdir()
    innermost = tmp_path / "a" / "b" / "c"
    assert missing(innermost) == [innermost, innermost.parent]
    assert missing(tmp_path / "a") == []


def test_only_what_is_empty_is_removed(tmp_path: Path):
    innermost = tmp_path / "a" / "b" / "c"
    made = missing(innermost)
    innermost.mkdir(parents=True)
    (tmp_path / "a" / "kept").touch()
    remove_empty(made)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "kept"]
    remove_empty(made)  # they are gone already


def test_a_run_that_never_trained_leaves_nothing(tmp_path: Path):
    innermost = tmp_path / "a" / "b"
    made = missing(innermost)
    (innermost / "checkpoints").mkdir(parents=True)
    (innermost / "config.yaml").touch()
    remove_untrained(made)
    assert list(tmp_path.iterdir()) == []
    remove_untrained([])


def test_a_run_with_a_checkpoint_stays(tmp_path: Path):
    made = missing(tmp_path / "a")
    (tmp_path / "a" / "checkpoints").mkdir(parents=True)
    (tmp_path / "a" / "checkpoints" / "00000001.ckpt").touch()
    remove_untrained(made)
    assert made[0].is_dir()


def test_made_are_those_that_this_process_has_made_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    innermost = tmp_path / "a" / "b"
    assert make(innermost) == [innermost, innermost.parent]
    assert make(innermost) == []
    monkeypatch.setattr("gan_lightning.folders.missing", lambda path: [path / "c", path])  # as it was a moment ago
    assert make(innermost) == [innermost / "c"]


def test_a_folder_that_cannot_be_made_leaves_none_above_it(tmp_path: Path):
    with pytest.raises(OSError):
        make(tmp_path / "a" / ("b" * 300))
    assert list(tmp_path.iterdir()) == []
