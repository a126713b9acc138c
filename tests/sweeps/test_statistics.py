"""Figures worked out by hand."""

import math

import pytest

from gan_lightning.sweeps.statistics import Sample, finite, interval, told_apart


def test_mean_and_standard_error_of_three_values() -> None:
    sample = Sample((1.0, 2.0, 6.0))
    assert sample.mean == 3
    assert sample.variance == 7  # (4 + 1 + 9) / 2
    assert sample.error == pytest.approx(math.sqrt(7 / 3))
    assert Sample((4.0,)).error is None


def test_welchs_interval_of_equal_variances_is_students() -> None:
    """Means 2 and 7, variances 1 and n 3 each: 4 degrees of freedom, whose 97.5 % quantile is 2.776."""
    low, high = interval(Sample((6.0, 7.0, 8.0)), Sample((1.0, 2.0, 3.0))) or (0.0, 0.0)
    half = 2.7764451 * math.sqrt(2 / 3)
    assert (low, high) == pytest.approx((5 - half, 5 + half), abs=1e-6)


def test_the_degrees_of_freedom_are_satterthwaites() -> None:
    """Variances 2 (n 2) and 0 (n 2): only the first counts, with 1 degree of freedom and quantile 12.706."""
    low, high = interval(Sample((0.0, 2.0)), Sample((5.0, 5.0))) or (0.0, 0.0)
    assert (low, high) == pytest.approx((-4 - 12.7062047, -4 + 12.7062047), abs=1e-5)


def test_what_is_told_apart() -> None:
    near, far = Sample((1.0, 2.0, 3.0)), Sample((11.0, 12.0, 13.0))
    assert told_apart(far, near) is True
    assert told_apart(Sample((1.5, 2.5, 3.5)), near) is False
    assert told_apart(Sample((9.0,)), near) is None  # one seed says nothing
    assert told_apart(Sample((3.0, 3.0)), Sample((3.0, 3.0))) is False
    assert told_apart(Sample((3.0, 3.0)), Sample((4.0, 4.0))) is True


def test_only_numbers_count() -> None:
    assert finite([1.0, None, float("nan"), 3.0, float("inf")]).values == (1.0, 3.0)
