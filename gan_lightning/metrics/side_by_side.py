"""Figures of several draws side by side, in threads, for metrics that compute outside of Python."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar, final

import torch

from gan_lightning.metrics.base import Draw, Figure, Metric

_Made = TypeVar("_Made")


class Timed(NamedTuple):
    """Figures of a draw, and the seconds that they took."""

    figures: list[Figure]
    seconds: float


@final
class SideBySide:
    """Measures at once what may be, on as many threads as torch uses; anything else in turn, where it is asked for."""

    def __init__(self) -> None:
        self._threads: dict[int, ThreadPoolExecutor] = {}

    def __enter__(self) -> "SideBySide":
        return self

    def __exit__(self, *raised: Any) -> None:
        for threads in self._threads.values():
            threads.shutdown(cancel_futures=True)

    def figures(self, metric: Metric, draw: Draw) -> "Future[Timed]":
        """The metric of the draw."""
        return self._begin(metric, draw, lambda: _timed(metric, draw))

    def floor(self, metric: Metric, draw: Draw) -> "Future[list[Figure]]":
        """The metric's floor beside it."""
        return self._begin(metric, draw, lambda: metric.floor(draw))

    def _begin(self, metric: Metric, draw: Draw, make: Callable[[], _Made]) -> "Future[_Made]":
        at_once = min(metric.at_once(len(draw.samples)), torch.get_num_threads())
        if at_once > 1:
            if at_once not in self._threads:
                self._threads[at_once] = ThreadPoolExecutor(at_once)
            return self._threads[at_once].submit(make)
        made: Future[_Made] = Future()
        with torch.random.fork_rng(enabled=True):
            made.set_result(make())
        return made


def _timed(metric: Metric, draw: Draw) -> Timed:
    start = time.perf_counter()
    figures = metric(draw)
    return Timed(figures, time.perf_counter() - start)
