"""Records: what each figure's line holds, and what the evaluator refuses or leaves out."""

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from gan_lightning import noise
from gan_lightning.errors import UsageError
from gan_lightning.metrics.base import Draw, Figure, PointMetric
from gan_lightning.metrics.cross_entropy import CrossEntropy
from gan_lightning.metrics.evaluator import Evaluator
from gan_lightning.metrics.frechet import FrechetDistance
from gan_lightning.metrics.memorisation import Memorisation
from gan_lightning.metrics.records import read, summary, write
from gan_lightning.metrics.wasserstein import Wasserstein2

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("stem", "n", "reference", "name"),
    [
        ("fid", 50_000, "train", "fid50k_train"),
        ("fd_classifier", 10_000, "test", "fd_classifier10k_test"),
        ("share", 2500, None, "share2500"),
        ("w2", 1000, None, "w2_1k"),
        ("score_classifier", 500, None, "score_classifier500"),
    ],
)
def test_a_name_holds_the_sample_size_and_the_reference(stem: str, n: int, reference: str | None, name: str):
    assert Figure(stem, 0.0, n, reference=reference).name == name


def test_the_record_of_a_figure_of_a_game(small_game: Callable[..., Any], points: Any, tmp_path: Path):
    evaluator = Evaluator({"w2": Wasserstein2(30)}, points(seed=5))
    records = evaluator.evaluate(small_game(seed=5), step=7, most=20, repeats=2)
    write(tmp_path / "run" / "metrics.jsonl", records)
    ema, raw = (json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines())
    protocol = {"name": "w2_20", "n": 20, "floor_n": 20, "repeats": 2, "step": 7, "seed": 5}
    assert ema.items() >= (protocol | {"weights": "ema", "n_reference": None, "extractor": None}).items()
    assert raw.items() >= (protocol | {"weights": "raw", "sha256": None}).items()
    others = (
        "value",
        "spread",
        "floor",
        "n_reference",
        "data",
        "settings",
        "extractor",
        "sha256",
        "weights",
        "seconds",
        "elapsed",
    )
    assert set(ema) - protocol.keys() == set(others)
    assert "Gaussians" in ema["data"] or "ring" in ema["data"]
    assert ema["floor"] > 0 and ema["spread"] > 0 and 0 <= ema["seconds"] < 60


def test_one_generator_twice_is_measured_once(
    small_game: Callable[..., Any], points: Any, monkeypatch: pytest.MonkeyPatch
):
    """Before training the average is what it averages; a bit later it is not."""
    measured: list[Draw] = []
    measure = Wasserstein2.measure
    monkeypatch.setattr(Wasserstein2, "measure", lambda metric, draw: (measured.append(draw), measure(metric, draw))[1])
    game, evaluator = small_game(), Evaluator({"w2": Wasserstein2(5)}, points())
    ema, raw = evaluator.evaluate(game, 0, None, 1)
    assert (ema.weights, raw.weights, len(measured)) == ("ema", "raw", 2)  # the floor, and the one
    assert ema == replace(raw, weights="ema")
    with torch.no_grad():
        next(game.generator.parameters()).view(-1)[0].add_(1.0)
    ema, other = evaluator.evaluate(game, 1, None, 1)
    assert len(measured) == 4 and ema.value == raw.value != other.value


def test_the_record_of_a_figure_of_pictures(tiny: Any, pixel_metrics: Any):
    samples = torch.randint(0, 256, (25, 1, 2, 2), generator=noise.generator(3), dtype=torch.uint8)
    evaluator = Evaluator({"pixels": pixel_metrics({"fd": FrechetDistance()}, n=20)}, tiny())
    (record,) = evaluator.evaluate_samples(samples, None, CPU)
    assert (record.name, record.n, record.n_reference, record.floor_n) == ("fd_pixels20_train", 20, 40, 20)
    assert (record.weights, record.step, record.seed, record.repeats) == ("samples", None, None, 1)
    assert (record.extractor, record.sha256, record.settings) == ("pixels", "f" * 64, "FrechetDistance()")
    (fewer,) = evaluator.evaluate_samples(samples[:9], None, CPU)
    assert (fewer.name, fewer.floor_n) == ("fd_pixels9_train", 9)


def test_the_summary_of_repetitions_is_their_mean_and_deviation():
    assert summary([Figure("a", value, 5) for value in (1.0, 2.0, 6.0)]) == (
        3.0,
        pytest.approx(math.sqrt(7), rel=1e-12),
    )
    assert summary([Figure("a", 4.0, 5)]) == (4.0, None)


def test_no_records_are_read_from_a_file_that_is_not_there(tmp_path: Path):
    assert read(tmp_path / "metrics.jsonl") == []


def test_metrics_of_other_data_are_refused(tiny: Any):
    with pytest.raises(UsageError, match="Wasserstein2 measures points in the plane, and the data are TinyImages"):
        Evaluator({"w2": Wasserstein2(5)}, tiny())


def test_a_metric_that_cannot_be_computed_here_is_left_out_with_its_line(small_game: Any, points: Any):
    class Missing(PointMetric):
        def unavailable(self) -> str:
            return "this needs a file"

        def measure(self, draw: Draw) -> dict[str, float]:
            raise AssertionError("it must not come to this")

    with pytest.warns(UserWarning, match="^this needs a file$"):
        evaluator = Evaluator({"missing": Missing(5), "w2": Wasserstein2(5)}, points())
    assert {record.name for record in evaluator.evaluate(small_game(), 0, None, 1)} == {"w2_5"}


def test_what_metrics_want_to_be_looked_at_is_written_as_pictures(tiny: Any, pixel_metrics: Any, tmp_path: Path):
    evaluator = Evaluator({"pixels": pixel_metrics({"memorisation": Memorisation()})}, tiny())
    evaluator.evaluate_samples(tiny().split("test").values, None, CPU)
    evaluator.draw_pictures(tmp_path)
    assert [path.name for path in tmp_path.glob("*.png")] == ["memorisation.png"]


def test_the_floor_of_a_figure_that_asks_the_players_is_that_of_the_game_as_it_is(small_game: Any, points: Any):
    game, data = small_game(), points()
    evaluator = Evaluator({"cross_entropy": CrossEntropy(20)}, data)
    before = evaluator.evaluate(game, 0, None, 1)[0].floor
    game.discriminator.requires_grad_(False)
    for parameter in game.discriminator.parameters():
        parameter.add_(1.0)
    after = evaluator.evaluate(game, 1, None, 1)[0].floor
    assert after != before
    assert after == Evaluator({"cross_entropy": CrossEntropy(20)}, data).evaluate(game, 1, None, 1)[0].floor
