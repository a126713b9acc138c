"""What a run's folder says of it."""

import errno
import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from gan_lightning.errors import Diverged, UsageError
from gan_lightning.runs.status import begun, read_status, recorded, write_status


def state(folder: Path) -> tuple[str, str | None]:
    status = read_status(folder)
    assert status is not None
    return status.state, status.reason


def test_a_run_is_running_then_finished(tmp_path: Path) -> None:
    with recorded(tmp_path, begun(["seed=1"])):
        assert state(tmp_path) == ("running", None)
    assert state(tmp_path) == ("finished", None)
    status = read_status(tmp_path)
    assert status is not None and status.overrides == ["seed=1"] and status.pid == os.getpid()
    assert [path.name for path in tmp_path.iterdir()] == ["status.json"]


def test_a_run_that_diverged_says_why(tmp_path: Path) -> None:
    with recorded(tmp_path, begun([])) as verdict:
        verdict.diverged = "the weights\nare not finite"
    assert state(tmp_path) == ("diverged", "the weights are not finite")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ValueError("bad\n  thing"), ("failed", "ValueError: bad thing")),
        (UsageError("set it to 1"), ("failed", "set it to 1")),
        (RuntimeError(), ("failed", "RuntimeError")),
        (KeyboardInterrupt(), ("interrupted", "KeyboardInterrupt")),
        (SystemExit(1), ("interrupted", "SystemExit")),
    ],
)
def test_what_ends_a_run_is_its_reason_and_goes_on(tmp_path: Path, error: BaseException, told: tuple[str, str]) -> None:
    with pytest.raises(type(error)), recorded(tmp_path, begun([])):
        raise error
    assert state(tmp_path) == told


def test_a_run_whose_process_is_gone_was_killed() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    status = begun([])
    assert status.now == "running"
    assert replace(status, pid=gone.pid).now == "killed"
    assert replace(status, pid=gone.pid, host="elsewhere").now == "running"  # nobody here can know


def test_a_folder_without_a_status_or_with_another_versions_has_none(tmp_path: Path) -> None:
    assert read_status(tmp_path) is None
    (tmp_path / "status.json").write_text('{"state": "running"}')
    assert read_status(tmp_path) is None


@pytest.mark.parametrize(
    "changed",
    [{"overrides": [1, 2]}, {"overrides": None}, {"varied": []}, {"state": None}, {"pid": "x"}, {"seconds": []}],
)
def test_a_status_whose_fields_are_of_other_types_is_none(tmp_path: Path, changed: dict[str, object]) -> None:
    (tmp_path / "status.json").write_text(json.dumps(asdict(begun([])) | changed))
    assert read_status(tmp_path) is None


def test_no_process_has_a_number_beyond_the_systems() -> None:
    assert replace(begun([]), pid=2**70).now == "killed"


def test_a_status_that_cannot_be_written_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_status(tmp_path, begun(["a=1"]))

    def refuse(*args: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="no space"):
        write_status(tmp_path, begun(["a=2"]))
    status = read_status(tmp_path)
    assert status is not None and status.overrides == ["a=1"]
    assert [path.name for path in tmp_path.iterdir()] == ["status.json"]


FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk without room for another file."""

    def refuse(path: Path, text: str) -> None:
        raise FULL

    monkeypatch.setattr("gan_lightning.runs.status.replace_text", refuse)


def test_on_a_full_disk_the_status_is_written_over_the_old_one(tmp_path: Path, full: None) -> None:
    (tmp_path / "status.json").write_text(" " * 2000)
    with pytest.raises(Diverged), recorded(tmp_path, begun([])):
        assert state(tmp_path) == ("running", None)
        raise Diverged("iteration 7")
    assert state(tmp_path) == ("diverged", "iteration 7")


def test_a_run_does_not_begin_where_its_status_has_no_room(tmp_path: Path, full: None) -> None:
    with pytest.raises(OSError, match="No space"), recorded(tmp_path, begun([])):
        pytest.fail("it has begun")


@pytest.mark.parametrize("error", [None, Diverged("iteration 7"), UsageError("make room")])
def test_how_a_run_ended_is_not_hidden_by_a_folder_that_is_gone(
    tmp_path: Path, error: Exception | None, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    raised = None
    try:
        with recorded(folder, begun([])):
            shutil.rmtree(folder)
            if error is not None:
                raise error
    except Exception as caught:
        raised = caught
    assert raised is error
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"gan_lightning: {folder}/status.json can't be written (No such file or directory): the run")
