"""The row in TensorBoard's HParams tab, read back from the event file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lightning import Trainer
from lightning.pytorch.loggers import TensorBoardLogger
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

from gan_lightning.callbacks.evaluation import Evaluation
from gan_lightning.callbacks.hparams import HParams
from gan_lightning.metrics.modes import ModeCoverage

PARAMETERS = {"model": "gan", "lr_generator": 1e-3, "n_critic": 2, "ema": 0.9}


Events = Callable[..., tuple[EventAccumulator, Trainer]]


@pytest.fixture
def events(small_game: Any, fit: Callable[..., Trainer], tmp_path: Path) -> Events:
    """What a run of 4 iterations wrote."""

    def run(*callbacks: Any, log_every: int = 2) -> tuple[EventAccumulator, Trainer]:
        logger = TensorBoardLogger(tmp_path, name="", version="", default_hp_metric=False)
        before = [*callbacks, HParams(PARAMETERS)]
        trainer = fit(small_game(), steps=4, callbacks=before, loggers=[logger], log_every=log_every)
        return EventAccumulator(str(tmp_path)).Reload(), trainer

    return run


def parameters(written: EventAccumulator) -> dict[str, Any]:
    content = written.summary_metadata["_hparams_/session_start_info"].plugin_data.content
    start = HParamsPluginData.FromString(content).session_start_info
    return {name: getattr(value, value.WhichOneof("kind")) for name, value in start.hparams.items()}


def test_the_event_file_holds_the_parameters(events: Events):
    assert parameters(events()[0]) == PARAMETERS


def test_it_holds_the_last_figures_of_both_generators(events: Events, tmp_path: Path):
    evaluation = Evaluation(str(tmp_path), {"modes": ModeCoverage(20, 3.0)}, every=2, interval_n=None, repeats=1)
    written, trainer = events(evaluation)
    stems = ("modes", "share", "reverse_kl", "kl")
    names = {f"final/{weights}/{stem}20" for weights in ("ema", "raw") for stem in stems}
    assert {tag for tag in written.Tags()["scalars"] if tag.startswith("final/")} == names
    for name in names:
        (scalar,) = written.Scalars(name)
        assert scalar.step == 4
        assert scalar.value == pytest.approx(trainer.callback_metrics[name.removeprefix("final/")].item(), rel=1e-6)
    assert written.Scalars("final/raw/kl20")[0].value == pytest.approx(written.Scalars("raw/kl20")[-1].value, rel=1e-6)


def test_without_an_evaluation_it_holds_the_last_losses(events: Events):
    written, _ = events()
    finals = {tag for tag in written.Tags()["scalars"] if tag.startswith("final/")}
    assert finals == {"final/loss/discriminator", "final/loss/generator"}
    (final,) = written.Scalars("final/loss/generator")
    assert final.value == pytest.approx(written.Scalars("loss/generator")[-1].value, rel=1e-6)


def test_the_axis_of_the_event_file_is_iterations(events: Events):
    written, _ = events()
    assert [scalar.step for scalar in written.Scalars("loss/generator")] == [2, 4]


def test_without_tensorboard_nothing_happens(small_game: Any, fit: Callable[..., Trainer], memory_logger: Any):
    fit(small_game(), steps=2, callbacks=[HParams(PARAMETERS)], loggers=[memory_logger], log_every=2)
    assert [step for step, _ in memory_logger.records] == [2]
