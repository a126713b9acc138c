"""Features are extracted once, floors are of real images that the reference lacks, statistics are cached."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from gan_lightning import noise
from gan_lightning.data.base import Samples
from gan_lightning.errors import UsageError
from gan_lightning.metrics.base import Draw, Figure
from gan_lightning.metrics.frechet import FrechetDistance, frechet_distance, moments
from gan_lightning.metrics.kernel import KernelDistance
from gan_lightning.metrics.labels import Agreement, LabelHistogram
from gan_lightning.metrics.memorisation import Memorisation
from gan_lightning.metrics.score import ClassifierScore

Tiny = Callable[..., Any]
SAMPLES = torch.randint(0, 256, (20, 1, 2, 2), generator=noise.generator(9), dtype=torch.uint8)


def distance(left: Tensor, right: Tensor) -> float:
    return frechet_distance(*moments(left.flatten(1)), *moments(right.flatten(1)))


def by_stem(figures: list[Figure]) -> dict[str, Figure]:
    return {figure.stem: figure for figure in figures}


def test_a_figure_carries_its_protocol(tiny: Tiny, pixel_metrics: Tiny):
    measures = {"fd": FrechetDistance(), "kd": KernelDistance(2, 10), "score": ClassifierScore(2)}
    figures = pixel_metrics(measures)(Draw(SAMPLES, tiny()))
    protocol = [(f.name, f.n, f.n_reference, f.reference, f.extractor, f.sha256) for f in figures]
    assert protocol == [
        ("fd_pixels20_train", 20, 40, "train", "pixels", "f" * 64),
        ("kd_pixels20_train", 20, 20, "train", "pixels", "f" * 64),
        ("score_pixels20", 20, None, None, "pixels", "f" * 64),
    ]


@pytest.mark.parametrize("reference", ["train", "test"])
def test_samples_are_compared_with_the_whole_reference(reference: str, tiny: Tiny, pixel_metrics: Tiny):
    data = tiny()
    (figure,) = pixel_metrics({"fd": FrechetDistance()}, reference)(Draw(SAMPLES, data))
    expected = distance(SAMPLES, data.split(reference).values)
    assert figure.value == pytest.approx(expected, rel=1e-9)
    assert figure.name == f"fd_pixels20_{reference}"


@pytest.mark.parametrize(("reference", "others"), [("train", "test"), ("test", "train")])
def test_the_floor_is_of_as_many_images_of_the_other_part(reference: str, others: str, tiny: Tiny, pixel_metrics: Tiny):
    data = tiny(train=20, test=20)
    (floor,) = pixel_metrics({"fd": FrechetDistance()}, reference).floor(Draw(SAMPLES, data))
    assert floor.n == 20  # all of them, so that their order does not matter
    assert floor.value == pytest.approx(distance(data.split(others).values, data.split(reference).values), rel=1e-9)


def test_a_floor_of_fewer_images_says_so(tiny: Tiny, pixel_metrics: Tiny):
    (floor,) = pixel_metrics({"fd": FrechetDistance()}).floor(Draw(SAMPLES, tiny(test=7)))
    assert floor.n == 7


def test_without_held_out_images_the_floor_is_of_training_images_against_the_others(tiny: Tiny, pixel_metrics: Tiny):
    data, metrics = tiny(train=40, test=None), pixel_metrics({"memory": Memorisation()})
    floor = by_stem(metrics.floor(Draw(SAMPLES, data)))
    assert floor["nearest_distance_pixels"].n == 20
    assert floor["nearest_distance_pixels"].value > 0  # no image stands against itself
    assert metrics.floor(Draw(SAMPLES[:15], tiny(train=20, test=None)))[0].n == 10  # at most half of them


def test_a_source_without_held_out_images_cannot_be_the_reference(tiny: Tiny, pixel_metrics: Tiny):
    with pytest.raises(UsageError, match="no held-out images"):
        pixel_metrics({"fd": FrechetDistance()}, "test")(Draw(SAMPLES, tiny(test=None)))


def test_real_features_are_extracted_once_for_all_measures_and_runs(tiny: Tiny, pixel_metrics: Tiny):
    measures = {"fd": FrechetDistance(), "labels": LabelHistogram(), "memory": Memorisation()}
    first, again = pixel_metrics(measures), pixel_metrics(measures)
    data = tiny()
    for metrics in (first, first, again):
        metrics.floor(Draw(SAMPLES, data))
        metrics(Draw(SAMPLES, data))
    assert first.pixels.seen == 40 + 30 + 2 * 20
    assert again.pixels.seen == 20  # the samples alone: what is known of the real side lies on disk


def test_other_data_have_other_statistics(tiny: Tiny, pixel_metrics: Tiny):
    metrics = pixel_metrics({"fd": FrechetDistance()})
    for data in (tiny(train=40), tiny(train=30)):
        (figure,) = metrics(Draw(SAMPLES, data))
        assert figure.value == pytest.approx(distance(SAMPLES, data.split("train").values), rel=1e-9)


def test_memorisation_looks_at_the_training_set_whatever_the_reference(tiny: Tiny, pixel_metrics: Tiny):
    data = tiny()
    copies = data.split("train").values[:20]
    figures = by_stem(pixel_metrics({"memory": Memorisation()}, "test")(Draw(copies, data)))
    assert figures["nearest_distance_pixels"].value == pytest.approx(0, abs=1e-6)
    assert figures["authenticity_pixels"].value == 0
    assert figures["authenticity_pixels"].name == "authenticity_pixels20_train"


def test_copies_are_shown_beside_what_they_are_copies_of(tiny: Tiny, pixel_metrics: Tiny):
    data = tiny()
    copies = data.split("train").values[:20]
    sheet = pixel_metrics({"memory": Memorisation()}).pictures(Draw(copies, data))["memory"]
    rows = [sheet[:, 2 + 4 * row : 4 + 4 * row] for row in range(4)]
    assert torch.equal(rows[0], rows[1]) and torch.equal(rows[2], rows[3])
    assert not torch.equal(rows[0], rows[2])


def test_nothing_is_extracted_where_no_measure_has_pictures(tiny: Tiny, pixel_metrics: Tiny):
    metrics = pixel_metrics({"fd": FrechetDistance(), "labels": LabelHistogram()})
    assert metrics.pictures(Draw(SAMPLES, tiny())) == {} and metrics.pixels.seen == 0


def test_the_asked_labels_reach_the_measure_and_real_ones_its_floor(tiny: Tiny, pixel_metrics: Tiny):
    data, metrics = tiny(train=20, test=20), pixel_metrics({"agreement": Agreement()})
    asked = SAMPLES.flatten(1)[:, :2].float().argmax(1)
    (figure,) = metrics(Draw(SAMPLES, data, labels=asked))
    assert (figure.name, figure.value) == ("agreement_pixels20", 1.0)
    (floor,) = metrics.floor(Draw(SAMPLES, data))
    test = data.split("test")
    expected = (test.values.flatten(1)[:, :2].float().argmax(1) == test.labels).double().mean()
    assert floor.value == pytest.approx(float(expected), rel=1e-12)


def test_points_are_refused(points: Tiny, pixel_metrics: Tiny):
    with pytest.raises(
        UsageError, match="PixelMetrics measures images, and the data are Gaussians: set metrics=.modes"
    ):
        pixel_metrics({"fd": FrechetDistance()}).check(points())


def test_other_labels_have_another_floor_of_agreement(tiny: Tiny, pixel_metrics: Tiny):
    floors = []
    for shift in (0, 1):
        data = tiny(train=20, test=20)
        data._test = Samples(data.split("test").values, (torch.arange(20) + shift) % 2)
        (floor,) = pixel_metrics({"agreement": Agreement()}).floor(Draw(SAMPLES, data))
        floors.append(floor.value)
    assert floors[0] == pytest.approx(1 - floors[1]) and floors[0] != floors[1]


def test_another_number_of_samples_needs_no_new_look_at_the_reference(tiny: Tiny, pixel_metrics: Tiny):
    metrics, again = pixel_metrics({"fd": FrechetDistance()}), pixel_metrics({"fd": FrechetDistance()})
    metrics(Draw(SAMPLES, tiny()))
    again(Draw(SAMPLES[:7], tiny()))
    assert again.pixels.seen == 7
    again.floor(Draw(SAMPLES[:7], tiny()))
    assert again.pixels.seen == 7 + 30  # the held-out images alone
