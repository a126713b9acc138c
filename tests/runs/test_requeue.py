"""A SLURM job that goes back into the queue, with a scontrol that only writes down what it is told."""

from pathlib import Path

import pytest

from gan_lightning.runs.requeue import requeue


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where scontrol's arguments go."""
    (tmp_path / "scontrol").write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\nexit ${{REFUSED:-0}}\n')
    (tmp_path / "scontrol").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("SLURM_JOB_ID", "77")
    return tmp_path / "calls"


def test_a_job_and_a_task_of_an_array_are_requeued(
    calls: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    requeue()
    monkeypatch.setenv("SLURM_ARRAY_JOB_ID", "70")
    monkeypatch.setenv("SLURM_ARRAY_TASK_ID", "7")
    requeue()
    assert calls.read_text() == "requeue 77\nrequeue 70_7\n"
    assert capsys.readouterr().err.splitlines()[0] == "gan_lightning: job 77 is requeued"


def test_only_the_first_task_does_it(calls: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURM_PROCID", "1")
    requeue()
    assert not calls.exists()


def test_a_refusal_or_no_scontrol_is_one_line(
    calls: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REFUSED", "3")
    requeue()
    (calls.parent / "scontrol").unlink()
    requeue()
    first, second = capsys.readouterr().err.splitlines()
    assert first == "gan_lightning: job 77 can't be requeued: exit code 3"
    assert second.startswith("gan_lightning: job 77 can't be requeued: ") and "scontrol" in second
