"""Reading a checkpoint from whoever wrote it."""

import hashlib
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning import Trainer

from gan_lightning.callbacks.checkpoint import IntervalCheckpoint
from gan_lightning.checkpoint_io import SafeCheckpointIO
from gan_lightning.errors import UsageError
from gan_lightning.runs.checkpoint import FORMAT, FORMAT_KEY, GAME, read
from gan_lightning.runs.sidecar import flaw, line, sidecar_of

Fit = Callable[..., Trainer]


@pytest.fixture
def checkpoint(small_game: Any, fit: Fit, tmp_path: Path) -> Path:
    """Two iterations of the plain game."""
    fit(small_game(), steps=2, callbacks=[IntervalCheckpoint(str(tmp_path), 2, None, None, None, "min")])
    return tmp_path / "checkpoints" / "last.ckpt"


def test_a_checkpoint_of_this_framework_is_readable(checkpoint: Path) -> None:
    assert read(checkpoint)["global_step"] == 2


def test_another_file_is_no_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "other.ckpt"
    path.write_text("hello")
    with pytest.raises(UsageError, match="can't be read as a checkpoint"):
        read(path)
    torch.save({"state_dict": {}}, path)
    with pytest.raises(UsageError, match="no checkpoint of gan_lightning"):
        read(path)


def test_a_damaged_checkpoint_is_named(checkpoint: Path) -> None:
    path = checkpoint.resolve()
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(UsageError, match="damaged"):
        read(path)


def test_the_newest_whole_one_is_offered_for_a_damaged_one(small_game: Any, fit: Fit, tmp_path: Path) -> None:
    fit(small_game(), steps=3, callbacks=[IntervalCheckpoint(str(tmp_path), 1, None, None, None, "min")])
    folder = tmp_path / "checkpoints"
    last = folder / "00000003.ckpt"
    last.write_bytes(last.read_bytes()[:-1])
    with pytest.raises(UsageError) as error:
        read(folder / "last.ckpt")
    assert str(error.value) == (
        f"{folder}/last.ckpt can't be read as a checkpoint: it is damaged, for it is not what 00000003.ckpt.sha256 "
        f"says; the newest whole one beside it is ckpt_path={folder}/00000002.ckpt"
    )


class Hostile:
    """Touches a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


def test_a_hostile_pickle_is_refused_and_not_executed(tmp_path: Path) -> None:
    path, trace = tmp_path / "hostile.ckpt", tmp_path / "trace"
    path.write_bytes(pickle.dumps(Hostile(trace)))
    with pytest.raises(UsageError, match="can't be read"):
        read(path)
    torch.save({"game": Hostile(trace)}, path)
    for sums in (False, True):  # whoever can write the one file can write the other
        if sums:
            sidecar_of(path).write_text(line(hashlib.sha256(path.read_bytes()).hexdigest(), path))
            assert flaw(path) is None
        for load in (read, SafeCheckpointIO().load_checkpoint):
            with pytest.raises(UsageError, match="can't be read"):
                load(path)
    assert not trace.exists()


@pytest.mark.parametrize("version", [FORMAT + 1, None])
def test_another_versions_checkpoint_is_refused(version: int | None, tmp_path: Path) -> None:
    path = tmp_path / "newer.ckpt"
    torch.save({GAME: {}, FORMAT_KEY: version}, path)
    with pytest.raises(UsageError, match=f"is a checkpoint of format {version}, this version reads {FORMAT}"):
        read(path)
