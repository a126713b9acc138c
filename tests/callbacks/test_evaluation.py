"""When figures are measured, on what, and whom they reach."""

import json
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
from gan_lightning.metrics.base import Draw, Metric, PointMetric
from gan_lightning.metrics.classifier import ClassifierMetrics
from gan_lightning.metrics.frechet import FrechetDistance
from gan_lightning.metrics.kernel import KernelDistance
from gan_lightning.metrics.memorisation import Memorisation
from gan_lightning.metrics.modes import ModeCoverage
from gan_lightning.metrics.wasserstein import Wasserstein2

Fit = Callable[..., Trainer]


class Mean(PointMetric):
    """Remembers every draw and its reference; its figure is the mean of the samples."""

    def __init__(self, n: int = 20) -> None:
        super().__init__(n)
        self.draws: list[Draw] = []
        self.references: list[Tensor] = []

    def measure(self, draw: Draw) -> dict[str, float]:
        self.draws.append(draw)
        self.references.append(self.reference(draw))
        return {"mean": float(draw.samples.mean())}


def evaluation(
    folder: Path, *metrics: Metric, every: int = 2, interval_n: int | None = None, repeats: int = 1
) -> Evaluation:
    return Evaluation(str(folder), {str(i): metric for i, metric in enumerate(metrics)}, every, interval_n, repeats)


def records(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


@pytest.mark.parametrize(
    ("every", "steps", "measured_at"),
    [(2, 6, [0, 2, 4, 6]), (2, 5, [0, 2, 4, 5]), (100, 3, [0, 3]), (1, 3, [0, 1, 2, 3])],
)
def test_figures_come_before_training_at_each_interval_and_once_at_the_end(
    every: int, steps: int, measured_at: list[int], small_game: Any, fit: Fit, tmp_path: Path
):
    fit(small_game(ema=0), steps=steps, callbacks=[evaluation(tmp_path, Mean(), every=every)])
    assert [record["step"] for record in records(tmp_path)] == measured_at


def test_intervals_are_cheap_and_the_end_is_by_the_metrics_own_protocol(small_game: Any, fit: Fit, tmp_path: Path):
    metric = Mean(30)
    fit(small_game(ema=0), steps=4, callbacks=[evaluation(tmp_path, metric, interval_n=8, repeats=3)])
    measured = [(record["step"], record["name"], record["n"], record["repeats"]) for record in records(tmp_path)]
    assert measured == [*((step, "mean8", 8, 1) for step in (0, 2, 4)), (4, "mean30", 30, 3)]
    assert [len(draw.samples) for draw in metric.draws] == [8] + 3 * [8] + [30] + 3 * [30]  # floors come first


def test_repetitions_use_other_noise_and_give_the_mean_and_the_deviation(small_game: Any, fit: Fit, tmp_path: Path):
    metric = Mean()
    fit(small_game(ema=0), steps=1, callbacks=[evaluation(tmp_path, metric, every=9, repeats=3)])
    drawn = metric.draws[-3:]
    assert len(torch.unique(torch.cat([draw.samples for draw in drawn]), dim=0)) == 60
    means = torch.tensor([float(draw.samples.mean()) for draw in drawn], dtype=torch.float64)
    last = records(tmp_path)[-1]
    assert last["value"] == pytest.approx(float(means.mean()), rel=1e-6)
    assert last["spread"] == pytest.approx(float(means.std()), rel=1e-6)
    assert records(tmp_path)[0]["spread"] is None


def test_without_an_average_there_are_raw_figures_alone(small_game: Any, fit: Fit, tmp_path: Path):
    fit(small_game(ema=0), steps=2, callbacks=[evaluation(tmp_path, Mean())])
    assert {record["weights"] for record in records(tmp_path)} == {"raw"}


def test_the_value_is_that_of_n_samples_of_the_named_generator_in_the_datas_units(
    small_game: Any, fit: Fit, points: Any, tmp_path: Path
):
    metric, game, data = Mean(), small_game(), points()
    callback = evaluation(tmp_path, metric, every=9)
    fit(game, steps=2, data=data, callbacks=[callback])
    *_, averaged, raw = metric.draws
    for draw, weights in ((averaged, "ema"), (raw, "raw")):
        assert draw.samples.shape == (20, 2)
        assert draw.data is data and draw.module is game
        record = next(record for record in reversed(records(tmp_path)) if record["weights"] == weights)
        assert record["value"] == pytest.approx(float(draw.samples.mean()), rel=1e-6)
    assert not torch.equal(averaged.samples, raw.samples)
    latents: list[Tensor] = []
    game.sample = lambda given, weights: latents.append(given) or given  # type: ignore[func-returns-value]
    callback._evaluate(game.trainer, game, None, 1)
    torch.testing.assert_close(raw.samples, data.restore(type(game).sample(game, latents[0], "raw")))


def test_the_floor_is_real_against_other_real_samples_that_training_never_sees(
    small_game: Any, fit: Fit, points: Any, tmp_path: Path
):
    metric, data = Mean(), points(num_samples=64)
    fit(small_game(), steps=4, data=data, callbacks=[evaluation(tmp_path, metric)])
    floor, reference = metric.draws[0], metric.references[0]
    real = torch.cat([floor.samples, reference, data.train_samples.values])
    assert len(torch.unique(real, dim=0)) == 20 + 20 + 64
    _, offset = torch.cdist(floor.samples, data.distribution.mixture.centres).min(1)
    assert (floor.samples - data.distribution.mixture.centres[offset]).norm(dim=1).max() < 6 * 0.01
    assert {record["floor"] for record in records(tmp_path)} == {float(floor.samples.mean())}
    assert len(metric.draws) == 1 + 1 + 2 * 2  # the floor is measured once, and so is what is averaged of nothing


def test_noise_and_reference_are_the_same_at_every_evaluation(small_game: Any, fit: Fit, tmp_path: Path):
    metric, game = Mean(), small_game(ema=0)
    latents: list[Tensor] = []
    sample = game.sample

    def note(given: Tensor, weights: str) -> Tensor:
        latents.append(given)
        return sample(given, weights)

    game.sample = note
    fit(game, steps=4, callbacks=[evaluation(tmp_path, metric)])
    _, untrained, first, second = metric.draws
    assert torch.equal(latents[0], latents[1]) and torch.equal(latents[1], latents[2])
    assert torch.equal(metric.references[1], metric.references[3])
    assert not torch.equal(first.samples, second.samples)  # the generator has moved


def test_the_floors_samples_are_no_function_of_the_latents(small_game: Any, fit: Fit, tmp_path: Path):
    """Else a perfect linear generator would repeat the floor instead of coming near it."""
    metric, game = Mean(), small_game(ema=0)
    normal = LinearGaussian([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0], 64, batch_size=4, minibatches=1, seed=game.seed)
    game.sample = lambda latents, weights: latents  # perfect: the data are standard normal
    fit(game, steps=1, data=normal, callbacks=[evaluation(tmp_path, metric)])
    real = torch.cat([metric.draws[0].samples, metric.references[0], metric.draws[1].samples])
    assert len(torch.unique(real, dim=0)) == 3 * 20


def test_the_floor_of_the_ring_at_2500_is_what_a_gaussian_has(small_game: Any, fit: Fit, points: Any, tmp_path: Path):
    callback = evaluation(tmp_path, ModeCoverage(2500, 3.0), Wasserstein2(100))
    fit(small_game(ema=0), steps=1, data=points(num_samples=64), callbacks=[callback])
    floor = {record["name"]: record["floor"] for record in records(tmp_path)}
    assert 0.98 < floor["share2500"] < 0.995  # 1 - exp(-4.5) = 0.98889, standard deviation 0.0021
    assert floor["modes2500"] == 8.0
    assert 0 < floor["reverse_kl2500"] < 0.006  # 0.0014, standard deviation 0.0007
    assert 0 < floor["w2_100"] < 1


def test_figures_reach_the_loggers_and_the_trainer_by_their_generator(
    small_game: Any, fit: Fit, tmp_path: Path, memory_logger: Any
):
    callbacks = [evaluation(tmp_path, Mean())]
    trainer = fit(small_game(), steps=4, callbacks=callbacks, loggers=[memory_logger], log_every=3)
    logged = [(step, set(figures)) for step, figures in memory_logger.records if step != 3]
    assert logged == [(step, {"ema/mean20", "raw/mean20"}) for step in (0, 2, 4)]
    last = {record["weights"]: record["value"] for record in records(tmp_path)[-2:]}
    for weights, value in last.items():
        assert trainer.callback_metrics[f"{weights}/mean20"].item() == pytest.approx(value, rel=1e-6)


def test_a_metrics_draws_do_not_move_the_global_random_state(small_game: Any, fit: Fit, tmp_path: Path):
    class Random(PointMetric):
        def measure(self, draw: Draw) -> dict[str, float]:
            return {"draw": float(torch.rand(()))}

    game, callback = small_game(), evaluation(tmp_path, Random(5))
    fit(game, steps=1, callbacks=[callback])
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    callback._evaluate(game.trainer, game, None, 1)
    assert torch.equal(torch.rand(3), expected)


def test_a_diverged_generator_has_no_figures(small_game: Any, fit: Fit, tmp_path: Path, memory_logger: Any):
    game = small_game(ema=0)
    game.sample = lambda latents, weights: torch.full_like(latents, float("nan"))
    fit(game, steps=2, callbacks=[evaluation(tmp_path, Mean(), Wasserstein2(5))], loggers=[memory_logger])
    assert {record["value"] for record in records(tmp_path)} == {None}
    assert not any("mean20" in name for _, figures in memory_logger.records for name in figures)


def test_without_metrics_there_is_no_file(small_game: Any, fit: Fit, tmp_path: Path):
    fit(small_game(), steps=2, callbacks=[evaluation(tmp_path)])
    assert not (tmp_path / "metrics.jsonl").exists()


def test_a_resumed_run_adds_its_figures_to_those_that_stand_there(small_game: Any, fit: Fit, tmp_path: Path):
    trainer = fit(small_game(ema=0), steps=2, callbacks=[evaluation(tmp_path, Mean(), every=9)])
    trainer.save_checkpoint(tmp_path / "two.ckpt")
    again = [evaluation(tmp_path, Mean(), every=9)]
    fit(small_game(ema=0), steps=4, callbacks=again, ckpt_path=tmp_path / "two.ckpt")
    assert [record["step"] for record in records(tmp_path)] == [0, 2, 4]


def test_data_that_a_figure_does_not_apply_to_are_no_error(small_game: Any, fit: Fit, tmp_path: Path):
    roll = Gaussians("swiss_roll", None, None, None, 64, batch_size=4, minibatches=1, seed=0)
    metrics = [ModeCoverage(20, 3.0), Wasserstein2(5)]
    fit(small_game(ema=0), steps=2, data=roll, callbacks=[evaluation(tmp_path, *metrics)])
    assert {record["name"] for record in records(tmp_path)} == {"w2_5"}


@pytest.mark.parametrize("norm", ["none", "batch"])
def test_measuring_images_changes_no_bit_of_the_training(
    norm: str, fit: Fit, images: Any, image_game: Any, state: Any, identical: Any, tmp_path: Path
):
    measures = {"fd": FrechetDistance(), "kd": KernelDistance(3, 10), "memorisation": Memorisation()}
    metrics = ClassifierMetrics("mnist", measures, "train", 20, str(tmp_path / "statistics"))
    states = []
    for callbacks in ([], [evaluation(tmp_path, metrics, every=2, interval_n=10, repeats=2)]):
        game = image_game((1, 28, 28), norm)
        torch.manual_seed(1)
        trainer = fit(game, steps=4, data=images((1, 28, 28)), callbacks=callbacks)
        states.append(state(game))
    trainer.save_checkpoint(tmp_path / "a.ckpt")  # of the run that was measured: nothing of the classifier is in it
    names = torch.load(tmp_path / "a.ckpt", weights_only=True)["state_dict"].keys()
    assert {name.split(".")[0] for name in names} == {"generator", "discriminator"}
    assert identical(*states)
    names = {record["name"] for record in records(tmp_path)}
    assert {"fd_classifier10_train", "fd_classifier20_train", "authenticity_classifier20_train"} <= names
    assert (tmp_path / "memorisation.png").is_file()
