"""What is logged is on disk before whatever comes next, a checkpoint above all."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning import Trainer
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from gan_lightning.callbacks.checkpoint import IntervalCheckpoint
from gan_lightning.callbacks.evaluation import Evaluation
from gan_lightning.loggers import RunCSVLogger, RunTensorBoardLogger
from gan_lightning.metrics.modes import ModeCoverage

Fit = Callable[..., Trainer]


def steps(folder: Path, name: str) -> list[int]:
    """The iterations of which `metrics.csv` has a value of that name."""
    with (folder / "metrics.csv").open(newline="") as file:
        return [int(row["step"]) for row in csv.DictReader(file) if row.get(name)]


def events(folder: Path, name: str) -> list[int]:
    """Those of which TensorBoard has one."""
    found = EventAccumulator(str(folder)).Reload()
    return [event.step for event in found.Scalars(name)] if name in found.Tags()["scalars"] else []


@pytest.fixture
def watched(
    small_game: Callable[..., Any], fit: Fit, points: Callable[..., Any], tmp_path: Path, monkeypatch: Any
) -> dict[int, dict[str, list[int]]]:
    """What a run's files had at each of its saves, by iteration: all that a kill right behind a save would leave."""
    found: dict[int, dict[str, list[int]]] = {}
    save = Trainer.save_checkpoint

    def look(trainer: Trainer, *rest: Any, **options: Any) -> None:
        figures = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
        found[trainer.global_step] = {
            "losses": steps(tmp_path, "loss/generator"),
            "figures": steps(tmp_path, figure := "raw/modes100"),
            "events of losses": events(tmp_path, "loss/generator"),
            "events of figures": events(tmp_path, figure),
            "lines": sorted({record["step"] for record in figures}),
        }
        save(trainer, *rest, **options)

    monkeypatch.setattr(Trainer, "save_checkpoint", look)
    loggers = [RunTensorBoardLogger(str(tmp_path), None), RunCSVLogger(str(tmp_path))]
    evaluation = Evaluation(str(tmp_path), {"modes": ModeCoverage(100, 3.0)}, every=2, interval_n=None, repeats=1)
    checkpoint = IntervalCheckpoint(str(tmp_path), 1, None, None, None, "min")
    fit(small_game(), steps=5, data=points(), loggers=loggers, log_every=1, callbacks=[evaluation, checkpoint])
    return found


def test_no_checkpoint_is_ahead_of_the_files(watched: dict[int, dict[str, list[int]]]):
    assert list(watched) == [1, 2, 3, 4, 5]
    for step, seen in watched.items():
        assert seen["losses"] == seen["events of losses"] == list(range(1, step + 1))
        assert seen["figures"] == seen["events of figures"] == seen["lines"] == [at for at in (0, 2, 4) if at <= step]


def test_whoever_asks_the_trainer_has_what_was_logged(small_game: Any, fit: Fit, tmp_path: Path):
    trainer = fit(small_game(), steps=3, loggers=[RunCSVLogger(str(tmp_path))], log_every=1)
    with (tmp_path / "metrics.csv").open(newline="") as file:
        last = list(csv.DictReader(file))[-1]
    known = trainer.callback_metrics
    assert {"loss/generator", "loss/discriminator", "learning_rate/generator", "epoch"} <= known.keys()
    for name, value in known.items():
        assert torch.tensor(float(last[name])) == value


def test_an_iteration_logs_what_it_has_and_nothing_that_an_earlier_one_had(small_game: Any, fit: Fit, tmp_path: Path):
    game = small_game()
    take = game.account

    def now_and_then(player: str, terms: dict[str, torch.Tensor]) -> None:
        take(player, {**terms, **({"term/rare": torch.ones(())} if game.global_step == 1 else {})})

    game.account = now_and_then
    fit(game, steps=4, loggers=[RunCSVLogger(str(tmp_path))], log_every=1)
    assert steps(tmp_path, "term/rare") == [2]
