"""Which pictures and measures go with which data."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from hydra.utils import get_class

from gan_lightning import schema
from gan_lightning.callbacks.samples import Samples
from gan_lightning.errors import UsageError
from gan_lightning.metrics.base import Metric
from gan_lightning.views import _FITTING, _MEASURED, _PICTURES, check_grid, check_scatter, check_views

Composed = Callable[..., Any]
IMAGES = (1, 28, 28)


def test_what_is_named_exists():
    for target in _MEASURED:
        assert issubclass(get_class(target), Metric)
    for target in _PICTURES:
        assert issubclass(get_class(target), Samples) and not inspect.isabstract(get_class(target))
    for source in {source for sources in _MEASURED.values() for source in sources}:
        assert get_class(source).__name__ and source in _FITTING


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
    points, grey = ("gaussians", "linear_gaussian"), ("mnist", "fashion_mnist")
    shape = (2,) if data in points else (1, 28, 28) if data in grey else (3, 32, 32)
    check_views(composed(f"data={data}"), shape)


@pytest.mark.parametrize(
    ("data", "metrics", "shape", "message"),
    [
        (
            "mnist",
            "[modes]",
            IMAGES,
            "metrics.modes can't measure these data, of shape (1, 28, 28): set metrics=[f",
        ),
        ("linear_gaussian", "[modes]", (2,), "metrics.modes can't measure these data, of shape (2,): set metrics=[mom"),
        ("gaussians", "[moments]", (2,), "metrics.moments can't measure these data, of shape (2,): set metrics=[modes"),
        ("gaussians", "[fid]", (2,), "metrics.inception can't measure these data, of shape (2,): set metrics=[modes,w"),
        (
            "mnist",
            "[stacked_modes]",
            IMAGES,
            "metrics.stacked_modes can't measure these data, of shape (1, 28, 28):",
        ),
    ],
)
def test_a_measure_of_other_data_is_refused_with_the_option_that_fits(
    data: str, metrics: str, shape: tuple[int, ...], message: str, composed: Composed
):
    with pytest.raises(UsageError) as raised:
        check_views(composed(f"data={data}", f"metrics={metrics}"), shape)
    assert str(raised.value).startswith(message)
