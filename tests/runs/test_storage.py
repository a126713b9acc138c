"""Checkpoints that are whole at any moment."""

import errno
import hashlib
import math
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from gan_lightning.errors import UsageError
from gan_lightning.runs import storage
from gan_lightning.runs.sidecar import flaw, sidecar_of
from gan_lightning.runs.storage import point, remove, store
from gan_lightning.runs.whole import numbered, offer, regular, whole

OLD, NEW = {"weights": torch.zeros(1000)}, {"weights": torch.ones(1000)}
STEPS = ("os.replace", "os.fsync", "pathlib.Path.unlink", "os.symlink", "torch.save")
"""What a save does to the disk; after each call a process may be gone."""


class Killed(BaseException):
    """Stands for SIGKILL: nobody cleans up behind it."""


def content(path: Path) -> float:
    return float(torch.load(path, weights_only=True)["weights"][0])


def save(folder: Path, name: str, checkpoint: dict[str, Any]) -> None:
    """As the callback does."""
    store(checkpoint, folder / name)
    point(folder / "last.ckpt", folder / name)


def moments(monkeypatch: pytest.MonkeyPatch, folder: Path, name: str) -> Iterator[int]:
    """Save again and again, gone before or after one more of the steps each time, until a save comes through."""
    monkeypatch.setattr(storage, "_forget", lambda *_: None)
    for moment in range(100):
        left = [moment]

        def counted(real: Any, left: list[int] = left) -> Any:
            def step(*args: Any, **kwargs: Any) -> Any:
                if left[0] == 0:
                    raise Killed
                left[0] -= 1
                return real(*args, **kwargs)

            return step

        with monkeypatch.context() as patch:
            for name_ in STEPS:
                module, _, function = name_.rpartition(".")
                owner = {"os": os, "torch": torch, "pathlib.Path": Path}[module]
                patch.setattr(owner, function, counted(getattr(owner, function)))
            try:
                save(folder, name, NEW)
            except Killed:
                pass
            else:
                assert moment > 8
                return
        yield moment
    raise AssertionError("no save came through")


@pytest.mark.parametrize("name", ["00000002.ckpt", "00000001.ckpt"], ids=["beside the old one", "in its place"])
def test_a_process_that_is_gone_at_any_moment_leaves_a_whole_last_checkpoint(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path, "00000001.ckpt", OLD)
    for moment in moments(monkeypatch, tmp_path, name):
        assert flaw(tmp_path / "last.ckpt") is None, moment
        assert content(tmp_path / "last.ckpt") in (0.0, 1.0)
        assert [path for path in numbered(tmp_path) if flaw(path) is not None] == [], moment
        save(tmp_path, "00000001.ckpt", OLD)
        assert not list(tmp_path.glob(".*")), moment  # what was left is gone with the next save
        remove(tmp_path / "00000002.ckpt")


def test_the_sidecar_is_what_sha256sum_reads(tmp_path: Path) -> None:
    store(OLD, tmp_path / "00000001.ckpt")
    digest = hashlib.sha256((tmp_path / "00000001.ckpt").read_bytes()).hexdigest()
    assert (tmp_path / "00000001.ckpt.sha256").read_text() == f"{digest}  00000001.ckpt\n"
    done = subprocess.run(["sha256sum", "-c", "00000001.ckpt.sha256"], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "00000001.ckpt: OK\n")


def test_bytes_go_through_fsync_before_the_name_and_never_through_tmpdir(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[str, str]] = []
    fsync, replace = os.fsync, os.replace

    def watch_fsync(descriptor: int) -> None:
        calls.append(("fsync", Path(os.readlink(f"/proc/self/fd/{descriptor}")).name))
        fsync(descriptor)

    def watch_replace(source: Path, target: Path) -> None:
        assert Path(source).parent == Path(target).parent == tmp_path / "run"
        calls.append(("replace", Path(target).name))
        replace(source, target)

    monkeypatch.setenv("TMPDIR", "/nowhere")
    monkeypatch.setattr(os, "fsync", watch_fsync)
    monkeypatch.setattr(os, "replace", watch_replace)
    save(tmp_path / "run", "1.ckpt", OLD)
    assert calls == [
        ("fsync", ".1.ckpt.part"),
        ("fsync", ".1.ckpt.sha256.part"),
        ("replace", "1.ckpt"),
        ("replace", "1.ckpt.sha256"),
        ("fsync", "run"),
        ("replace", "last.ckpt"),
        ("fsync", "run"),
    ]


@pytest.mark.parametrize("call", [0, 1, 2])
def test_a_full_disk_is_one_line_and_leaves_what_was_there(
    tmp_path: Path, call: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "checkpoints"
    save(folder, "00000001.ckpt", OLD)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    calls: list[int] = []

    def full(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) > call:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError, match=rf"2.ckpt can't be written: No space left on device; .* resume={tmp_path} g"):
        save(folder, "00000002.ckpt", NEW)
    if call < 2:  # behind the third all is written
        assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_a_disk_that_is_full_in_the_middle_of_the_file_is_named(tmp_path: Path) -> None:
    """The real thing: writing to it fails, behind torch's back."""
    with pytest.raises(UsageError, match="No space left on device"), open("/dev/full", "wb") as full:
        monkey = pytest.MonkeyPatch()
        with monkey.context() as patch:
            patch.setattr(Path, "open", lambda *_: full)
            store({"weights": torch.zeros(1_000_000)}, tmp_path / "1.ckpt")
    assert list(tmp_path.iterdir()) == []


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (flip, "it is damaged, for it is not what 2.ckpt.sha256 says"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "it is damaged, for it is not what"),
        (lambda path: path.write_bytes(b""), "it is empty"),
        (lambda path: sidecar_of(path).write_text("nonsense"), "it is damaged, for it is not what"),
        (lambda path: path.unlink(), "it can't be read: No such file"),
    ],
)
def test_damage_is_seen(tmp_path: Path, harm: Any, told: str) -> None:
    path = tmp_path / "2.ckpt"
    store(OLD, path)
    assert flaw(path) is None
    harm(path)
    assert told in str(flaw(path))


def test_without_a_sidecar_the_structure_is_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "2.ckpt"
    for harm in (flip, lambda path: path.write_bytes(path.read_bytes()[:-1]), lambda path: path.write_text("text")):
        store(OLD, path)
        sidecar_of(path).unlink()
        assert flaw(path) is None
        harm(path)
        assert "it is damaged" in str(flaw(path))


def test_the_newest_whole_one_is_offered(tmp_path: Path) -> None:
    for number in (9, 10, 100):
        store(OLD, tmp_path / f"{number}.ckpt")
    point(tmp_path / "last.ckpt", tmp_path / "100.ckpt")
    flip(tmp_path / "100.ckpt")
    assert [path.stem for path in whole(tmp_path)] == ["10", "9"]
    assert offer(tmp_path / "last.ckpt") == f"the newest whole one beside it is ckpt_path={tmp_path / '10.ckpt'}"
    for number in (9, 10):
        flip(tmp_path / f"{number}.ckpt")
    assert offer(tmp_path / "100.ckpt") == "no other beside it is whole"


@pytest.mark.parametrize(
    ("every", "until", "found"),
    [(4, 9, 8), (4, 7, 4), (4, 3, 3), (3, 9, 9), (5, 9, 3), (math.inf, 9, 3), (4, 2, None)],
)
def test_the_newest_at_an_interval_is_the_regular_one_else_the_oldest(
    tmp_path: Path, every: float, until: int, found: int | None
) -> None:
    for step in (3, 4, 6, 8, 9):
        (tmp_path / f"{step:08d}.ckpt").touch()
    assert regular(tmp_path, every, until) == (None if found is None else tmp_path / f"{found:08d}.ckpt")
