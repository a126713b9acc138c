"""Which distributions there can be, without making them."""

import math

import pytest

from gan_lightning.data.distributions import DISTRIBUTIONS
from gan_lightning.data.kinds import KINDS, Settings, settle
from gan_lightning.errors import UsageError


def test_the_kinds_are_those_that_have_a_class():
    assert list(KINDS) == list(DISTRIBUTIONS)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_given_is_the_kinds_own(kind: str):
    assert settle(kind, None, None, None) == KINDS[kind]
    assert settle(kind, None, 3.0, None) == KINDS[kind]._replace(radius=3.0)
    assert settle(kind, None, None, 0.5 if kind != "random" else 0.001).sigma in (0.5, 0.001)


def test_the_number_of_modes_is_that_which_is_asked_for():
    assert settle("ring", 5, 2.0, 0.1) == Settings(5, 2.0, 0.1)
    assert settle("grid", 9, None, None) == Settings(9, 4.0, 0.05)


@pytest.mark.parametrize("modes", [1, 2, 10, 24, 26])
def test_a_grid_of_no_square_number_is_refused(modes: int):
    with pytest.raises(UsageError, match=f"square number of modes, at least 4; got data.modes={modes}$"):
        settle("grid", modes, None, None)


def test_a_swiss_roll_with_modes_is_refused():
    with pytest.raises(UsageError, match=r"^data\.kind=swiss_roll has no modes: remove data\.modes=3$"):
        settle("swiss_roll", 3, None, None)


def test_more_random_modes_than_any_packing_holds_are_refused():
    """Oler 1961: points at least 1 apart in a square of side L are at most 2 L^2 / sqrt(3) + 2 L + 1."""
    side = 2 * 1.0 / (8 * 0.02)
    most = math.floor(2 / math.sqrt(3) * side**2 + 2 * side + 1)
    assert settle("random", most, None, None).modes == most == 206
    with pytest.raises(UsageError, match=r"^207 modes .* lower data\.modes or data\.sigma, or raise data\.radius$"):
        settle("random", most + 1, None, None)
