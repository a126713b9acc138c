"""Whether a run goes on in the folder it began in, and what it may lack."""

import os
from pathlib import Path

import pytest

from gan_lightning.runs.continued import cut_short, in_place
from gan_lightning.runs.status import begun, write_status


def test_a_runs_own_checkpoints_are_in_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert in_place(tmp_path / "run", Path("run/checkpoints/00000002.ckpt"))
    assert not in_place(tmp_path / "run", Path("other/checkpoints/00000002.ckpt"))
    assert not in_place(tmp_path / "run", Path("run/checkpoints/aside/00000002.ckpt"))
    assert not in_place(tmp_path / "run", None)


@pytest.mark.parametrize(
    ("state", "lacks"),
    [("running", True), ("interrupted", True), ("failed", True), ("finished", False), ("diverged", False)],
)
def test_a_run_that_did_not_come_to_its_end_was_cut_short(state: str, lacks: bool, tmp_path: Path) -> None:
    own = tmp_path / "checkpoints" / "00000002.ckpt"
    assert cut_short(tmp_path, own)  # it says nothing
    write_status(tmp_path, begun([]).ended(state))
    assert cut_short(tmp_path, own) is lacks
    assert not cut_short(tmp_path, tmp_path / "elsewhere" / "00000002.ckpt")


def test_a_checkpoint_of_the_folder_is_known_however_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    os.symlink(tmp_path / "run", tmp_path / "link")
    (tmp_path / "run" / "checkpoints").mkdir(parents=True)
    for name in ("run/checkpoints/last.ckpt", "other/../run/checkpoints/1.ckpt", "link/checkpoints/1.ckpt"):
        assert in_place(Path("run"), Path(name)) and in_place(tmp_path / "run", Path(name))
