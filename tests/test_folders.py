"""Folders that nothing came to be in."""

from pathlib import Path

from gan_lightning.folders import missing, remove_empty


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
