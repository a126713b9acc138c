"""Files that are there completely or not at all."""

import os
from pathlib import Path

import pytest

from gan_lightning.files import overwrite_text, unfinished


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_gets_its_name_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    (tmp_path / ".a.png.part").write_text("of a process that was killed")
    with unfinished(path) as part:
        part.write_text("new")
        assert not path.exists()
    assert path.read_text() == "new" and names(tmp_path) == ["a.png"]


@pytest.mark.parametrize("moment", ["while it is written", "when it is flushed"])
def test_what_fails_leaves_the_file_as_it_was(tmp_path: Path, moment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.png"
    path.write_text("old")

    def refuse(*arguments: object) -> None:
        raise OSError("no space left")

    if moment == "when it is flushed":
        monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="no space"), unfinished(path) as part:
        part.write_text("new")
        if moment == "while it is written":
            refuse()
    assert path.read_text() == "old" and names(tmp_path) == ["a.png"]


@pytest.mark.parametrize("text", ["longer than it was", "short"])
def test_a_small_file_is_written_over_in_its_place(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.json"
    path.write_text("what it was")
    place = path.stat().st_ino
    overwrite_text(path, text)
    assert path.read_text() == text and path.stat().st_ino == place and names(tmp_path) == ["a.json"]


def test_what_is_not_there_is_not_written_over(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        overwrite_text(tmp_path / "a.json", "text")
    assert names(tmp_path) == []
