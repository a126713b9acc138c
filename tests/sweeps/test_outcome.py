"""What is said and done when a signal has stopped a sweep."""

import signal
from pathlib import Path

import pytest

from gan_lightning import command
from gan_lightning.interruption import Interrupted
from gan_lightning.sweeps import outcome


@pytest.fixture
def requeued(monkeypatch: pytest.MonkeyPatch, sweep: Path) -> list[int]:
    """How often SLURM was asked to run the job again; a sweep has begun."""
    calls: list[int] = []
    monkeypatch.setattr(outcome, "requeue", lambda: calls.append(1))
    monkeypatch.setattr(command, "sweep", [sweep])
    return calls


@pytest.mark.parametrize(
    ("number", "code", "times"), [(signal.SIGINT, 130, 0), (signal.SIGTERM, 143, 0), (signal.SIGUSR1, 138, 1)]
)
def test_slurms_warning_alone_requeues(
    requeued: list[int], sweep: Path, number: int, code: int, times: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outcome.interrupted(Interrupted(number, None)) == code
    name = signal.Signals(number).name
    line = f"gan_lightning: stopped by {name}; sweep.resume={sweep} behind the same command goes on"
    assert capsys.readouterr().err.splitlines() == [line] and len(requeued) == times
