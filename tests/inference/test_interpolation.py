"""The straight line and the great circle."""

import math

import pytest
import torch

from gan_lightning.inference.interpolation import MODES, linear, spherical, there_and_back

SHARES = torch.linspace(0, 1, 5)


@pytest.mark.parametrize("mode", MODES)
def test_a_way_begins_and_ends_where_it_should(mode: str) -> None:
    start, end = torch.randn(2, 4, 6, generator=torch.Generator().manual_seed(0))
    way = MODES[mode](start, end, SHARES)
    assert way.shape == (4, 5, 6)
    torch.testing.assert_close(way[:, 0], start)
    torch.testing.assert_close(way[:, -1], end)


def test_the_straight_line_is_halfway_in_the_middle() -> None:
    assert linear(torch.tensor([[0.0, 2.0]]), torch.tensor([[4.0, 0.0]]), torch.tensor([0.5])).tolist() == [
        [[2.0, 1.0]]
    ]


def test_the_great_circle_turns_at_even_speed() -> None:
    way = spherical(torch.tensor([[2.0, 0.0]]), torch.tensor([[0.0, 2.0]]), SHARES)
    angles = [math.radians(degrees) for degrees in (0, 22.5, 45, 67.5, 90)]
    expected = torch.tensor([[2 * math.cos(angle), 2 * math.sin(angle)] for angle in angles])
    torch.testing.assert_close(way[0], expected)


def test_the_great_circle_keeps_equal_norms_which_the_line_does_not() -> None:
    start, end = torch.nn.functional.normalize(torch.randn(2, 8, 50, generator=torch.Generator().manual_seed(0)), dim=2)
    torch.testing.assert_close(spherical(start, end, SHARES).norm(dim=2), torch.ones(8, 5))
    assert linear(start, end, SHARES)[:, 2].norm(dim=1).max() < 0.9


def test_unequal_norms_go_straight_from_one_to_the_other_however_wide_the_angle() -> None:
    end = torch.tensor([[-math.cos(0.01), math.sin(0.01)]]) * 3  # 0.6 degrees short of the opposite
    way = spherical(torch.tensor([[1.0, 0.0]]), end, SHARES)
    torch.testing.assert_close(way[0].norm(dim=1), torch.tensor([1, 1.5, 2, 2.5, 3]), rtol=1e-3, atol=0)


@pytest.mark.parametrize("factor", [1.0, 2.0, -1.0, 0.0])
def test_on_one_line_the_way_is_straight(factor: float) -> None:
    start = torch.tensor([[1.0, 2.0, 3.0]])
    torch.testing.assert_close(spherical(start, factor * start, SHARES), linear(start, factor * start, SHARES))


def test_a_loop_goes_there_and_back() -> None:
    torch.testing.assert_close(there_and_back(4), torch.tensor([0, 0.5, 1, 0.5]))
