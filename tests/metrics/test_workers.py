"""Threads that measure: who does what, and that nobody can tell from the figures."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch

from gan_lightning.metrics.base import Draw, PointMetric
from gan_lightning.metrics.evaluator import Evaluator
from gan_lightning.metrics.modes import ModeCoverage
from gan_lightning.metrics.wasserstein import Wasserstein2
from gan_lightning.metrics.workers import Workers


@pytest.fixture(params=[1, 2])
def threads(request: pytest.FixtureRequest) -> Iterator[int]:
    with torch_threads(request.param):
        yield request.param


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def test_tasks_run_beside_others_where_torch_has_threads_and_they_may(threads: int):
    with Workers() as workers:
        apart, here = (workers.do(threading.current_thread, concurrent) for concurrent in (True, False))
    assert here.result() is threading.main_thread()
    assert (apart.result() is threading.main_thread()) == (threads == 1)


def test_two_run_at_the_same_time():
    both = threading.Barrier(2, timeout=30)  # broken, and so an error, unless two are there
    with torch_threads(2), Workers() as workers:
        arrived = [workers.do(both.wait, concurrent=True) for _ in range(2)]
    assert sorted(task.result() for task in arrived) == [0, 1]


def test_after_a_mistake_nothing_else_begins():
    begun, going, go = [], threading.Semaphore(0), threading.Event()

    def wait() -> None:
        begun.append(1)
        going.release()
        go.wait(30)

    with torch_threads(2), pytest.raises(KeyboardInterrupt), Workers() as workers:
        for _ in range(5):
            workers.do(wait, concurrent=True)
        assert going.acquire(timeout=30) and going.acquire(timeout=30)
        threading.Timer(0.2, go.set).start()
        raise KeyboardInterrupt
    assert len(begun) == 2


def test_a_mistake_in_a_thread_is_the_evaluations(threads: int, small_game: Any, points: Any):
    class Mistaken(PointMetric):
        concurrent = True

        def measure(self, draw: Draw) -> dict[str, float]:
            raise RuntimeError("no such distance")

    with pytest.raises(RuntimeError, match="no such distance"):
        Evaluator({"mistaken": Mistaken(5), "w2": Wasserstein2(5)}, points()).evaluate(small_game(), 0, None, 2)


def test_figures_do_not_depend_on_the_threads(small_game: Callable[..., Any], points: Any):
    found = []
    for count in (1, 2):
        game = small_game()
        with torch.no_grad():
            next(game.generator.parameters()).view(-1)[0].add_(1.0)  # else the average is what it averages
        with torch_threads(count):
            evaluator = Evaluator({"w2": Wasserstein2(60), "modes": ModeCoverage(80, 3.0)}, points())
            records = evaluator.evaluate(game, 1, None, 3)
        found.append([(record.name, record.weights, record.value, record.spread, record.floor) for record in records])
    assert found[0] == found[1]
    names, weights = [name for name, *_ in found[0]], [weights for _, weights, *_ in found[0]]
    half = len(names) // 2
    assert names[0] == "w2_60" and names[:half] == names[half:] and weights == ["ema"] * half + ["raw"] * half
