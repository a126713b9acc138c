"""Which pictures and measures go with which data."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from hydra.utils import get_class

from gan_lightning import schema
from gan_lightning.callbacks.samples import Samples
from gan_lightning.data.base import MemoryData
from gan_lightning.errors import UsageError
from gan_lightning.metrics.base import Metric
from gan_lightning.metrics.fitting import FITTING, NEEDS
from gan_lightning.views import _PICTURES, check_grid, check_scatter, check_views

Composed = Callable[..., Any]
IMAGES = (1, 28, 28)


def test_what_is_named_exists():
    for target in _PICTURES:
        assert issubclass(get_class(target), Samples) and not inspect.isabstract(get_class(target))


def test_every_measure_has_its_data():
    for metric, sources in NEEDS.items():
        assert issubclass(get_class(metric), Metric) and sources
        assert all(issubclass(get_class(source), MemoryData) for source in sources)
    assert all(issubclass(get_class(source), MemoryData) for source in FITTING)
    shipped = {
        node["_target_"]
        for option in schema.files()
        for node in option.nodes.values()
        if ".metrics." in node["_target_"]
    }
    suites = {target for target in shipped if issubclass(get_class(target), Metric)}
    assert suites <= NEEDS.keys()


@pytest.mark.parametrize(
    ("check", "fits", "wrong"),
    [
        (check_grid, [(1, 8, 8), (3, 8, 8)], {(2,): "samples=scatter", (3,): "remove it", (2, 8, 8): "remove it"}),
        (check_scatter, [(2,)], {(3,): "remove it", (1, 8, 8): "samples=grid", (3, 8, 8): "samples=grid"}),
    ],
)
def test_a_picture_of_other_data_is_refused_with_the_one_that_fits(
    check: Callable[..., None], fits: list[tuple[int, ...]], wrong: dict[tuple[int, ...], str]
):
    for shape in fits:
        check(shape)
    for shape, mend in wrong.items():
        with pytest.raises(UsageError, match=mend):
            check(shape)


@pytest.mark.parametrize("data", schema.options("data"))
def test_each_data_config_brings_views_that_fit(data: str, composed: Composed):
    points, grey = ("gaussians", "linear_gaussian", "unpaired_gaussians"), ("mnist", "fashion_mnist")
    shape = (2,) if data in points else (1, 28, 28) if data in grey else (3, 32, 32)
    check_views(composed(f"data={data}"), shape)


@pytest.mark.parametrize(
    ("data", "metric", "shape", "message"),
    [
        ("mnist", "modes", IMAGES, "data=gaussians, and the data are MNIST: set metrics=[fd_classifier]"),
        ("linear_gaussian", "modes", (2,), "data=gaussians, and the data are LinearGaussian: set metrics=[moments,"),
        ("gaussians", "moments", (2,), "data=linear_gaussian, and the data are Gaussians: set metrics=[modes,"),
        ("gaussians", "fid", (2,), "images, and the data are Gaussians: set metrics=[modes,wasserstein]"),
        ("mnist", "stacked_modes", IMAGES, "data=stacked_mnist, and the data are MNIST: set metrics=[fd_classifier]"),
        ("mnist", "wasserstein", IMAGES, "points in the plane, and the data are MNIST: set metrics=[fd_classifier]"),
    ],
)
def test_a_measure_of_other_data_is_refused_with_the_option_that_fits(
    data: str, metric: str, shape: tuple[int, ...], message: str, composed: Composed
):
    with pytest.raises(UsageError) as raised:
        check_views(composed(f"data={data}", f"metrics=[{metric}]"), shape)
    name = {"fid": "inception"}.get(metric, metric)
    assert str(raised.value).startswith(f"metrics.{name} measures {message}")
