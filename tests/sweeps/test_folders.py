"""Whose folder is whose."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gan_lightning.errors import UsageError
from gan_lightning.runs.status import begun, read_status
from gan_lightning.sweeps.folders import claim, find, jobs


def test_jobs_come_by_number_and_other_folders_are_none(sweep: Path, job: Callable[..., Path]) -> None:
    for number in (10, 2, 1):
        job(number, n_critic=number)
    (sweep / "notes").mkdir()
    (sweep / "3_broken").mkdir()
    (sweep / "3_broken" / "status.json").write_text("{")
    assert [path.name for path, _ in jobs(sweep)] == ["1_n_critic=1", "2_n_critic=2", "10_n_critic=10"]


def test_a_job_is_found_by_its_overrides_whatever_its_number(sweep: Path, job: Callable[..., Path]) -> None:
    folder = job(4, n_critic=5)
    found = find(sweep, ["n_critic=5"])
    assert found is not None and found[0] == folder
    assert find(sweep, ["n_critic=1"]) is None


def test_what_an_earlier_attempt_left_is_gone_and_others_stay(sweep: Path, job: Callable[..., Path]) -> None:
    old, other = job(0, n_critic=5), job(1, n_critic=1)
    again = claim(sweep, 7, begun(["n_critic=5"], {"n_critic": 5}))
    assert not old.exists() and other.exists()
    assert [path.name for path in again.iterdir()] == ["status.json"]
    assert again.name == "7_n_critic=5"


def test_jobs_whose_shortened_names_agree_get_different_folders(sweep: Path) -> None:
    long = "y" * 300
    first = claim(sweep, 0, begun([f"x={long}1"], {"x": f"{long}1"}))
    second = claim(sweep, 0, begun([f"x={long}2"], {"x": f"{long}2"}))
    assert first != second
    status = read_status(second)
    assert status is not None and status.overrides == [f"x={long}2"]


def test_on_a_full_disk_a_job_gets_no_folder_and_none_is_left(
    sweep: Path, job: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    job(0, n_critic=1)
    before = sorted(sweep.iterdir())
    monkeypatch.setattr("gan_lightning.sweeps.folders.write_status", refuse)
    with pytest.raises(UsageError, match=f"^{sweep} can't be written to: No space .* sweep.resume={sweep} behind the"):
        claim(sweep, 1, begun(["n_critic=5"], {"n_critic": 5}))
    assert sorted(sweep.iterdir()) == before
