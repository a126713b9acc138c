"""Work for threads whose end nobody waits for: one that is stuck in a read holds up neither a signal nor the exit."""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread
from typing import TypeAlias, TypeVar

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")
_Tasks: TypeAlias = "SimpleQueue[tuple[Future[_Made], _Given] | None]"


def spread(function: Callable[[_Given], _Made], items: Iterable[_Given], threads: int) -> Generator[_Made, None, None]:
    """What `function` makes of each item, in their order, or raises; closed early, nothing further is begun."""
    tasks: _Tasks[_Made, _Given] = SimpleQueue()
    futures: deque[Future[_Made]] = deque()
    for item in items:
        futures.append(Future())
        tasks.put((futures[-1], item))
    for _ in range(threads):
        tasks.put(None)
        Thread(target=_work, args=(function, tasks), daemon=True).start()  # ThreadPoolExecutor's are waited for
    try:
        while futures:
            yield futures.popleft().result()
    finally:
        for future in futures:
            future.cancel()


def _work(function: Callable[[_Given], _Made], tasks: "_Tasks[_Made, _Given]") -> None:
    while (task := tasks.get()) is not None:
        future, item = task
        if not future.set_running_or_notify_cancel():
            continue
        try:
            future.set_result(function(item))
        except BaseException as error:
            future.set_exception(error)
            return  # what comes before it in order has been begun, what comes behind it nobody will see
