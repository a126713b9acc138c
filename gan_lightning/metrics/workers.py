"""Threads for what can be measured at the same time."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import TypeVar, final

import torch

_T = TypeVar("_T")


@final
class Workers:
    """As many threads as torch may use; with one, all is done in turn, by whoever asks."""

    def __init__(self) -> None:
        threads = torch.get_num_threads()
        self._pool = ThreadPoolExecutor(threads, "metrics") if threads > 1 else None

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Wait for what has begun; after a mistake nothing else begins."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=error is not None)

    def do(self, task: Callable[[], _T], concurrent: bool) -> "Future[_T]":
        """What `task` will have returned: at once, or, where that may be done so, when a thread comes to it."""
        if concurrent and self._pool is not None:
            return self._pool.submit(task)
        done: Future[_T] = Future()
        done.set_result(task())
        return done
