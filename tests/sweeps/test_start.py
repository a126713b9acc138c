"""What a sweep is refused for, and what it leaves then: nothing."""

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gan_lightning import app, command
from gan_lightning.sweeps.locks import hold
from gan_lightning.sweeps.plan import read_plan

Call = Callable[..., tuple[int, str]]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Call:
    """Runs a command line in this process, in an empty folder; its exit code and what it says on stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["gan_lightning", *arguments])
        try:
            code = app.main()
        except SystemExit as stopped:
            code = int(str(stopped.code))
        finally:
            command.forget()
        return code, capsys.readouterr().err

    return run


@pytest.mark.parametrize(
    ("arguments", "fragment"),
    [
        (["-m", "seed=0,1", "objective=ema/shar2500"], "did you mean ema/share2500?"),
        (["-m", "seed=0,1", "sweep.resume=nowhere"], "nowhere: there is no such folder"),
        (["-m", "seed=0,1", "model.n_critc=5"], "did you mean model.n_critic?"),
        (["-m", "seed=0,1", "hydra.sweep.dir=/proc/nothing"], "/proc/nothing can't be made"),
        (["-m", "sweep=optuna", "sweep.trial=0", "metrics=[]"], "sweep.search needs numbered trials"),
        (["-m", "sweep=optuna", "metrics=[]"], "a search needs a figure to go by"),
        (["-m", "seed=0,1", "sweep.resume=a", "sweep.resume=b"], "sweep.resume=a sweep.resume=b: one sweep is gone on"),
        (["sweep.resume=somewhere"], "sweep.resume is for a sweep: add -m"),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing(
    call: Call, tmp_path: Path, arguments: list[str], fragment: str
) -> None:
    code, err = call(*arguments)
    assert code == 2
    assert len(err.splitlines()) == 1 and fragment in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["start.write_plan", "start.hold"])
def test_a_full_disk_is_one_line_and_leaves_nothing(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(f"gan_lightning.sweeps.{place}", refuse)
    code, err = call("-m", "seed=0,1", "hydra.sweep.dir=a/b")
    told = "a/b can't be written to: No space left on device; make room, or name another folder as hydra.sweep.dir\n"
    assert (code, err) == (2, f"gan_lightning: {tmp_path}/{told}")
    assert list(tmp_path.iterdir()) == []


def test_a_swept_key_that_does_not_compose_leaves_nothing(call: Call, tmp_path: Path) -> None:
    code, err = call("-m", "seed=0,1", "model.n_critc=1,5")
    assert (code, len(err.splitlines())) == (2, 1)
    assert "did you mean model.n_critic?" in err
    assert list(tmp_path.iterdir()) == []


def test_another_commands_sweep_is_not_gone_on_with(call: Call, sweep: Path) -> None:
    before = (sweep / "sweep.json").read_text()
    code, err = call("-m", "seed=0,1", "model=gan", f"sweep.resume={sweep}")
    assert code == 2 and "is another command's" in err
    assert (sweep / "sweep.json").read_text() == before
    assert not (sweep / "multirun.yaml").exists()


def test_a_sweep_that_is_running_is_not_gone_on_with(call: Call, sweep: Path) -> None:
    lock = hold(read_plan(sweep).lock("sweep"))
    assert lock is not None
    same = ["model=wgan_gp", "optimizer.generator.lr=1e-3,2e-3", "model.n_critic=1,5", "seed=0,1"]
    with lock:
        code, err = call("-m", *same, f"sweep.resume={sweep}")
    assert code == 2 and "another process is running the sweep" in err


@pytest.mark.parametrize(("name", "fragment"), [("sweep.json", "holds a sweep already"), ("notes.txt", "is not empty")])
def test_nothing_that_is_there_is_written_over(call: Call, tmp_path: Path, name: str, fragment: str) -> None:
    folder = tmp_path / "taken"
    folder.mkdir()
    (folder / name).write_text("mine")
    code, err = call("-m", "seed=0,1", f"hydra.sweep.dir={folder}")
    assert code == 2 and fragment in err
    assert [(path.name, path.read_text()) for path in folder.iterdir()] == [(name, "mine")]
