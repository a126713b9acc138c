"""What is said of a full disk."""

import errno
import os
from pathlib import Path

import pytest

from gan_lightning.disk import enough_room
from gan_lightning.errors import UsageError


def fail(number: int, path: Path) -> None:
    raise OSError(number, os.strerror(number), str(path))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_run_is_told_to_go_on_only_where_it_has_a_checkpoint(tmp_path: Path, number: int) -> None:
    file = tmp_path / "metrics.csv"
    with pytest.raises(UsageError, match=rf"^{file}: .*: make room, then start again$"), enough_room(tmp_path):
        fail(number, file)
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "00000001.ckpt").touch()
    with pytest.raises(UsageError, match=f": make room, then resume={tmp_path} goes on$"), enough_room(tmp_path):
        raise OSError(number, os.strerror(number))


def test_other_errors_pass(tmp_path: Path) -> None:
    with pytest.raises(PermissionError), enough_room(tmp_path):
        fail(errno.EACCES, tmp_path)
