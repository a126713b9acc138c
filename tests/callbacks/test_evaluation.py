"""The figures of a run: when they are measured, what each record holds, and the floor beside them."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning import Trainer
from torch import Tensor

from gan_lightning.callbacks.evaluation import Evaluation
from gan_lightning.data.gaussians import Gaussians
from gan_lightning.data.linear_gaussian import LinearGaussian
from gan_lightning.metrics.base import Draw, Metric
from gan_lightning.metrics.modes import ModeCoverage
from gan_lightning.metrics.wasserstein import Wasserstein2

Fit = Callable[..., Trainer]


class Sizes(Metric):
    """Remembers every draw; its figure is the mean of the samples."""

    def __init__(self) -> None:
        self.draws: list[Draw] = []

    def __call__(self, draw: Draw) -> dict[str, float]:
        self.draws.append(draw)
        return {"mean": float(draw.samples.mean())}


def evaluation(folder: Path, *metrics: Metric, n: int = 20, every: int = 2) -> Evaluation:
    return Evaluation(str(folder), {str(index): metric for index, metric in enumerate(metrics)}, n, every)


def records(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


@pytest.mark.parametrize(
    ("every", "steps", "measured_at"), [(2, 6, [2, 4, 6]), (2, 5, [2, 4, 5]), (100, 3, [3]), (1, 3, [1, 2, 3])]
)
def test_figures_come_at_each_interval_and_once_at_the_end(
    every: int, steps: int, measured_at: list[int], small_game: Any, fit: Fit, tmp_path: Path
):
    fit(small_game(ema=0), steps=steps, callbacks=[evaluation(tmp_path, Sizes(), every=every)])
    assert [record["step"] for record in records(tmp_path)] == measured_at


def test_a_record_says_what_was_measured_on_how_many_of_whose_samples_and_when(
    small_game: Any, fit: Fit, points: Any, tmp_path: Path
):
    callback = evaluation(tmp_path, Sizes(), ModeCoverage(3.0), n=30, every=3)
    fit(small_game(seed=5), steps=3, data=points(seed=5), callbacks=[callback])
    written = records(tmp_path)
    names = ["mean", "modes", "share", "reverse_kl", "kl"]
    assert [(record["weights"], record["name"]) for record in written] == [
        (weights, name) for weights in ("ema", "raw") for name in names
    ]
    for record in written:
        assert set(record) == {"name", "value", "floor", "n", "weights", "seed", "step", "seconds"}
        assert (record["n"], record["seed"], record["step"]) == (30, 5, 3)
        assert 0 <= record["seconds"] < 60
        assert math.isfinite(record["value"])


def test_without_an_average_there_are_raw_figures_alone(small_game: Any, fit: Fit, tmp_path: Path):
    fit(small_game(ema=0), steps=2, callbacks=[evaluation(tmp_path, Sizes())])
    assert {record["weights"] for record in records(tmp_path)} == {"raw"}


def test_the_value_is_that_of_n_samples_of_the_named_generator_in_the_datas_units(
    small_game: Any, fit: Fit, points: Any, tmp_path: Path
):
    metric, game, data = Sizes(), small_game(), points()
    fit(game, steps=2, data=data, callbacks=[evaluation(tmp_path, metric)])
    _, averaged, raw = metric.draws  # behind the floor's
    for draw, weights in ((averaged, "ema"), (raw, "raw")):
        assert draw.samples.shape == draw.reference.shape == (20, 2)
        assert draw.data is data and draw.module is game
        record = next(record for record in records(tmp_path) if record["weights"] == weights)
        assert record["value"] == pytest.approx(float(draw.samples.mean()), rel=1e-6)
    assert not torch.equal(averaged.samples, raw.samples)
    latents: list[Tensor] = []
    game.sample = lambda given, weights: latents.append(given) or given  # type: ignore[func-returns-value]
    evaluation(tmp_path, Sizes())._evaluate(game.trainer, game)
    torch.testing.assert_close(raw.samples, data.restore(type(game).sample(game, latents[0], "raw")))


def test_the_floor_is_real_against_other_real_samples_that_training_never_sees(
    small_game: Any, fit: Fit, points: Any, tmp_path: Path
):
    metric, data = Sizes(), points(num_samples=64)
    fit(small_game(), steps=4, data=data, callbacks=[evaluation(tmp_path, metric)])
    floor = metric.draws[0]
    real = torch.cat([floor.samples, floor.reference, data.train_samples.values])
    assert len(torch.unique(real, dim=0)) == 20 + 20 + 64
    _, offset = torch.cdist(floor.samples, data.distribution.mixture.centres).min(1)
    assert (floor.samples - data.distribution.mixture.centres[offset]).norm(dim=1).max() < 6 * 0.01
    assert {record["floor"] for record in records(tmp_path)} == {float(floor.samples.mean())}
    assert len(metric.draws) == 1 + 2 * 2  # the floor is measured once


def test_noise_and_reference_are_the_same_at_every_evaluation(small_game: Any, fit: Fit, tmp_path: Path):
    metric, game = Sizes(), small_game(ema=0)
    latents: list[Tensor] = []
    sample = game.sample

    def note(given: Tensor, weights: str) -> Tensor:
        latents.append(given)
        return sample(given, weights)

    game.sample = note
    fit(game, steps=4, callbacks=[evaluation(tmp_path, metric)])
    _, first, second = metric.draws
    assert torch.equal(*latents)
    assert torch.equal(first.reference, second.reference)
    assert not torch.equal(first.samples, second.samples)  # the generator has moved


def test_the_floors_samples_are_no_function_of_the_latents(small_game: Any, fit: Fit, tmp_path: Path):
    """Else a perfect linear generator would repeat the floor instead of coming near it."""
    metric, game = Sizes(), small_game(ema=0)
    normal = LinearGaussian([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0], 64, batch_size=4, minibatches=1, seed=game.seed)
    game.sample = lambda latents, weights: latents  # perfect: the data are standard normal
    fit(game, steps=1, data=normal, callbacks=[evaluation(tmp_path, metric)])
    floor, perfect = metric.draws
    real = torch.cat([floor.samples, floor.reference, perfect.samples])
    assert len(torch.unique(real, dim=0)) == 3 * 20


def test_the_floor_of_the_ring_at_2500_is_what_a_gaussian_has(small_game: Any, fit: Fit, points: Any, tmp_path: Path):
    callback = evaluation(tmp_path, ModeCoverage(3.0), Wasserstein2(100), n=2500)
    fit(small_game(ema=0), steps=1, data=points(num_samples=64), callbacks=[callback])
    floor = {record["name"]: record["floor"] for record in records(tmp_path)}
    assert 0.98 < floor["share"] < 0.995  # 1 - exp(-4.5) = 0.98889, standard deviation 0.0021
    assert floor["modes"] == 8.0
    assert 0 < floor["reverse_kl"] < 0.006  # 0.0014, standard deviation 0.0007
    assert 0 < floor["w2_100"] < 1


def test_figures_reach_the_loggers_and_the_trainer_by_their_generator(
    small_game: Any, fit: Fit, tmp_path: Path, memory_logger: Any
):
    callbacks = [evaluation(tmp_path, Sizes())]
    trainer = fit(small_game(), steps=4, callbacks=callbacks, loggers=[memory_logger], log_every=3)
    logged = [(step, set(figures)) for step, figures in memory_logger.records if step != 3]
    assert logged == [(step, {name}) for step in (2, 4) for name in ("ema/mean", "raw/mean")]
    last = {record["weights"]: record["value"] for record in records(tmp_path)[-2:]}
    for weights, value in last.items():
        assert trainer.callback_metrics[f"{weights}/mean"].item() == pytest.approx(value, rel=1e-6)


def test_a_metrics_draws_do_not_move_the_global_random_state(small_game: Any, fit: Fit, tmp_path: Path):
    class Random(Metric):
        def __call__(self, draw: Draw) -> dict[str, float]:
            return {"draw": float(torch.rand(()))}

    game = small_game()
    fit(game, steps=1)
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    evaluation(tmp_path, Random())._evaluate(game.trainer, game)
    assert torch.equal(torch.rand(3), expected)


def test_without_metrics_there_is_no_file(small_game: Any, fit: Fit, tmp_path: Path):
    fit(small_game(), steps=2, callbacks=[evaluation(tmp_path)])
    assert not (tmp_path / "metrics.jsonl").exists()


def test_a_resumed_run_adds_its_figures_to_those_that_stand_there(small_game: Any, fit: Fit, tmp_path: Path):
    for steps in (2, 4):
        fit(small_game(ema=0), steps=steps, callbacks=[evaluation(tmp_path, Sizes(), every=steps)])
    assert [record["step"] for record in records(tmp_path)] == [2, 4]


def test_data_that_a_figure_does_not_apply_to_are_no_error(small_game: Any, fit: Fit, tmp_path: Path):
    roll = Gaussians("swiss_roll", None, None, None, 64, batch_size=4, minibatches=1, seed=0)
    fit(small_game(ema=0), steps=2, data=roll, callbacks=[evaluation(tmp_path, ModeCoverage(3.0), Wasserstein2(5))])
    assert [record["name"] for record in records(tmp_path)] == ["w2_5"]
