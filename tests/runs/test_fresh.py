"""A run that begins in a folder where another one has been."""

from collections.abc import Callable
from pathlib import Path

import pytest
from omegaconf import DictConfig

from gan_lightning.errors import UsageError
from gan_lightning.report import save_config
from gan_lightning.runs.fresh import check_free, forget_stopped
from gan_lightning.runs.status import begun, write_status


def test_the_folder_of_a_run_with_checkpoints_is_refused(tmp_path: Path) -> None:
    check_free(tmp_path / "none")
    check_free(tmp_path)
    write_status(tmp_path, begun([]))
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "00000000.ckpt").touch()  # which a run that may go back begins with
    check_free(tmp_path)
    (tmp_path / "checkpoints" / "00000007.ckpt").touch()
    with pytest.raises(UsageError, match=f"resume={tmp_path} goes on with it, or name another folder as hydra.run.dir"):
        check_free(tmp_path)


@pytest.mark.parametrize("state", ["running", "failed", "interrupted", "diverged"])
def test_so_is_that_of_a_finished_run_and_no_other(tmp_path: Path, state: str) -> None:
    write_status(tmp_path, begun([]).ended(state))
    check_free(tmp_path)
    write_status(tmp_path, begun([]).ended("finished"))
    with pytest.raises(UsageError, match="holds a finished run already"):
        check_free(tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        *("config.yaml", "status.json", "metrics.csv", "metrics.jsonl", "curves.png", "training.gif", "error.txt"),
        *("events.out.tfevents.1.host", "samples/00000010.png", "checkpoints/last.ckpt", "checkpoints/best.ckpt"),
    ],
)
def test_what_is_no_runs_is_not_written_over(tmp_path: Path, name: str) -> None:
    for own in ("notes.txt", "samples/mine.png", "checkpoints/mine.ckpt", name):
        (tmp_path / own).parent.mkdir(exist_ok=True)
        check_free(tmp_path)
        (tmp_path / own).write_text('{"x": 1}')
    with pytest.raises(UsageError, match=rf"{tmp_path} is no run's, .* write over \({name}\): name another folder"):
        check_free(tmp_path)


def test_nor_is_the_config_of_another_project_and_one_that_a_run_began_with_is(
    tmp_path: Path, composed: Callable[..., DictConfig]
) -> None:
    (tmp_path / "config.yaml").write_text("model: {}\ndata: {}\nmetrics: {}\n")
    with pytest.raises(UsageError, match="is no run's"):
        check_free(tmp_path)
    save_config(composed(f"folder={tmp_path}", "~callbacks.hparams"), tmp_path)
    check_free(tmp_path)
    (tmp_path / "metrics.csv").touch()
    with pytest.raises(UsageError, match=r"\(config.yaml, metrics.csv\)"):
        check_free(tmp_path)


def test_what_a_stopped_run_has_recorded_goes_and_nothing_else(tmp_path: Path) -> None:
    names = ["metrics.csv", "metrics.jsonl", "events.out.tfevents.1.host.2.0", "samples/00000010.png"]
    names += ["checkpoints/00000000.ckpt", "checkpoints/00000000.ckpt.sha256", "checkpoints/.00000005.ckpt.part"]
    mine = ["notes.txt", "config.yaml", "samples/mine.png", "checkpoints/mine.ckpt"]
    for name in [*names, *mine]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    def left() -> set[str]:
        return {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}

    forget_stopped(tmp_path)  # nothing says that it is a run's
    assert left() == {*names, *mine}
    write_status(tmp_path, begun([]))
    forget_stopped(tmp_path)
    assert left() == {*mine, "status.json"}
