"""`metrics.csv` in the run's own folder: continued, never deleted."""

import csv
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lightning import Trainer

from gan_lightning.callbacks.checkpoint import IntervalCheckpoint
from gan_lightning.loggers import RunCSVLogger, RunTensorBoardLogger
from gan_lightning.quiet import quieten


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "metrics.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def written(folder: Path, *records: tuple[int, dict[str, float]]) -> None:
    """One process's log."""
    logger = RunCSVLogger(str(folder))
    for step, figures in records:
        logger.log_metrics(figures, step)
    logger.save()


def test_the_file_lies_in_the_runs_own_folder(tmp_path: Path):
    written(tmp_path, (1, {"a": 0.5}))
    assert [path.name for path in tmp_path.iterdir()] == ["metrics.csv"]
    assert rows(tmp_path) == [{"a": "0.5", "step": "1"}]


def test_another_process_goes_on_behind_what_stands_there(tmp_path: Path):
    written(tmp_path, (1, {"a": 0.5}), (2, {"a": 0.25}))
    written(tmp_path, (3, {"a": 0.125}))
    assert [(row["step"], row["a"]) for row in rows(tmp_path)] == [("1", "0.5"), ("2", "0.25"), ("3", "0.125")]


def test_a_new_figure_gets_a_column_and_the_old_rows_stay(tmp_path: Path):
    written(tmp_path, (1, {"a": 0.5}))
    written(tmp_path, (2, {"a": 0.25, "b": 4.0}))
    written(tmp_path, (3, {"b": 8.0}))
    assert [(row["step"], row["a"], row["b"]) for row in rows(tmp_path)] == [
        ("1", "0.5", ""),
        ("2", "0.25", "4.0"),
        ("3", "", "8.0"),
    ]


def test_a_new_figure_that_finds_no_room_costs_no_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    written(tmp_path, (1, {"a": 0.5}))
    before = (tmp_path / "metrics.csv").read_bytes()

    def refuse(*arguments: Any) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(csv.DictWriter, "writerows", refuse)
    with pytest.raises(OSError, match="no space"):
        written(tmp_path, (2, {"b": 4.0}))
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("metrics.csv", before)]


@pytest.mark.parametrize("make", [RunCSVLogger, lambda folder: RunTensorBoardLogger(folder, None)])
def test_a_failed_run_is_not_hidden_by_what_its_log_has_no_room_for(
    make: Callable[[str], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    logger = make(str(tmp_path))
    logger.log_metrics({"a": 0.5}, 1)

    def refuse(*arguments: Any) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(logger.experiment, "save" if make is RunCSVLogger else "flush", refuse)
    logger.finalize("failed")
    with pytest.raises(OSError, match="no space"):
        logger.finalize("success")


def test_a_full_disk_is_no_wrong_figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    logger = RunTensorBoardLogger(str(tmp_path), None)
    full = OSError("no space left")

    def refuse(*arguments: Any) -> None:
        raise full

    monkeypatch.setattr(logger.experiment, "add_scalar", refuse)
    with pytest.raises(OSError) as caught:
        logger.log_metrics({"a": 0.5}, 1)
    assert caught.value is full
    full = ValueError("no figure")  # type: ignore[assignment]
    with pytest.raises(ValueError, match="you tried to log"):
        logger.log_metrics({"a": 0.5}, 1)


def test_what_the_thread_of_the_events_stumbles_over_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(threading, "excepthook", threading.__excepthook__)
    monkeypatch.setattr("gan_lightning.quiet._TOLD", threading.__excepthook__)
    quieten()
    logger = RunTensorBoardLogger(str(tmp_path), None)

    def refuse(*arguments: Any) -> None:
        raise OSError("no space left")

    worker = logger.experiment.file_writer.event_writer._async_writer
    monkeypatch.setattr(worker._writer, "write", refuse)
    with pytest.raises(OSError, match="no space"):
        logger.log_metrics({"a": 0.5}, 1)
        worker._worker.join(10)
        logger.log_metrics({"a": 0.5}, 2)
    worker._worker.join(10)
    assert capfd.readouterr().err == ""
    other = threading.Thread(target=refuse)
    other.start()
    other.join()
    assert "no space left" in capfd.readouterr().err


def test_opening_a_log_changes_nothing(tmp_path: Path):
    written(tmp_path, (1, {"a": 0.5}))
    before = (tmp_path / "metrics.csv").read_bytes()
    _ = RunCSVLogger(str(tmp_path)).experiment
    written(tmp_path)
    assert (tmp_path / "metrics.csv").read_bytes() == before


def test_an_empty_file_of_an_interrupted_run_is_no_obstacle(tmp_path: Path):
    (tmp_path / "metrics.csv").touch()
    written(tmp_path, (1, {"a": 0.5}))
    assert rows(tmp_path) == [{"a": "0.5", "step": "1"}]


def test_a_folder_that_is_not_there_yet_is_made(tmp_path: Path):
    written(tmp_path / "outputs" / "run", (1, {"a": 0.5}))
    assert len(rows(tmp_path / "outputs" / "run")) == 1


def test_what_was_logged_stands_in_the_file_at_once(
    small_game: Callable[..., Any], fit: Callable[..., Trainer], each_iteration: Any, tmp_path: Path
):
    """So that a run that dies has its curve. An iteration is logged behind the callbacks of its end."""
    seen: dict[int, list[str]] = {}

    def look(game: Any) -> None:
        if game.global_step > 2:
            seen[game.global_step] = [row["step"] for row in rows(tmp_path)]

    logger = RunCSVLogger(str(tmp_path))
    fit(small_game(), steps=5, loggers=[logger], log_every=2, callbacks=[each_iteration(look)])
    assert seen == {3: ["2"], 4: ["2"], 5: ["2", "4"]}


def test_a_resumed_run_continues_its_curve(small_game: Callable[..., Any], fit: Callable[..., Trainer], tmp_path: Path):
    for steps, ckpt_path in ((4, None), (7, tmp_path / "checkpoints" / "last.ckpt")):
        callbacks = [IntervalCheckpoint(str(tmp_path), 2, None, None, None, "min")]
        loggers = [RunCSVLogger(str(tmp_path))]
        fit(small_game(), steps, callbacks=callbacks, loggers=loggers, ckpt_path=ckpt_path)
    assert [row["step"] for row in rows(tmp_path)] == ["1", "2", "3", "4", "5", "6", "7"]
    assert all(float(row["loss/generator"]) > 0 for row in rows(tmp_path))


def test_hyperparameters_leave_no_file(tmp_path: Path):
    logger = RunCSVLogger(str(tmp_path))
    logger.log_hyperparams({"lr": 1.0})
    logger.save()
    assert list(tmp_path.iterdir()) == []
