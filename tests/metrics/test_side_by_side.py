"""Which figures are computed side by side, and that it changes none."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch

from gan_lightning.metrics.base import Draw, PointMetric
from gan_lightning.metrics.evaluator import Evaluator
from gan_lightning.metrics.modes import ModeCoverage
from gan_lightning.metrics.side_by_side import SideBySide
from gan_lightning.metrics.wasserstein import Wasserstein2

PATIENCE = 30  # seconds


class Meeting(PointMetric):
    """Ends where as many are measured at once as are expected to be, and says in which thread."""

    def __init__(self, most: int, expected: int) -> None:
        super().__init__(5)
        self.most, self.barrier = most, threading.Barrier(expected)

    def at_once(self, n: int) -> int:
        return self.most

    def measure(self, draw: Draw) -> dict[str, float]:
        self.barrier.wait(PATIENCE)
        return {"thread": float(threading.get_ident()), "random": float(torch.rand(1)) if self.most == 1 else 0.0}


@pytest.fixture
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def threads(metric: PointMetric, draw: Draw, n: int) -> set[int]:
    with SideBySide() as measure:
        begun = [measure.figures(metric, draw) for _ in range(n)]
        return {int(one.result().figures[0].value) for one in begun}


def test_as_many_as_may_be_are_measured_at_once(points: Any, two_threads: None) -> None:
    found = threads(Meeting(5, expected=2), Draw(torch.zeros(5, 2), points()), 4)
    assert len(found) == 2 and threading.get_ident() not in found


def test_others_are_measured_in_turn_and_change_no_random_numbers(points: Any, two_threads: None) -> None:
    state = torch.get_rng_state()
    found = threads(Meeting(1, expected=1), Draw(torch.zeros(5, 2), points()), 3)
    assert found == {threading.get_ident()} and torch.equal(torch.get_rng_state(), state)


def test_on_one_thread_all_are(points: Any, two_threads: None) -> None:
    torch.set_num_threads(1)
    assert threads(Meeting(5, expected=1), Draw(torch.zeros(5, 2), points()), 3) == {threading.get_ident()}


def test_what_is_raised_meanwhile_is_raised_and_what_has_not_begun_is_left(points: Any, two_threads: None) -> None:
    calls: list[int] = []

    class Broken(Meeting):
        def measure(self, draw: Draw) -> dict[str, float]:
            calls.append(1)
            time.sleep(0.05)
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"), SideBySide() as measure:
        begun = [measure.figures(Broken(2, expected=1), Draw(torch.zeros(5, 2), points())) for _ in range(50)]
        begun[0].result()
    assert 1 <= len(calls) < 50 and all(one.done() for one in begun)


def test_it_is_as_many_assignments_as_memory_is_for() -> None:
    assert [Wasserstein2(5).at_once(n) for n in (1000, 3000, 5000, 20_000)] == [44, 4, 1, 1]


def test_the_figures_are_the_same(small_game: Any, points: Any, two_threads: None) -> None:
    found = []
    for threads_there in (1, 2):
        torch.set_num_threads(threads_there)
        evaluator = Evaluator({"w2": Wasserstein2(200), "modes": ModeCoverage(100, sigmas=4.0)}, points())
        game = small_game()
        with torch.no_grad():
            next(game.generator.parameters()).view(-1)[0].add_(1.0)
        records = [*evaluator.evaluate(game, 1, None, 3), *evaluator.evaluate(game, 2, 50, 1)]
        found.append([replace(record, seconds=0.0) for record in records])
    assert found[0] == found[1] and len({(record.name, record.weights) for record in found[0]}) > 6
