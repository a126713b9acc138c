"""One process at a time in a run's folder."""

from pathlib import Path

import pytest

from gan_lightning.errors import UsageError
from gan_lightning.runs.lock import alone, discard


def test_a_folder_is_held_until_the_end_and_nothing_is_written(tmp_path: Path) -> None:
    with alone(tmp_path):
        with pytest.raises(UsageError, match="in use by a process that trains there"), alone(tmp_path):
            pass
    with alone(tmp_path):
        assert list(tmp_path.iterdir()) == []


def test_folders_that_nobody_uses_are_taken_away_again(tmp_path: Path) -> None:
    made = [tmp_path / "a" / "b", tmp_path / "a"]
    discard(made)
    discard([])
    made[0].mkdir(parents=True)
    with alone(made[0]):
        discard(made)
        assert made[0].is_dir()
    discard(made)
    assert list(tmp_path.iterdir()) == []
