"""Work that threads do, in its order, and that nobody has to wait for."""

from threading import Event

import pytest

from gan_lightning.data.threads import spread


def test_what_is_made_comes_in_the_order_of_what_is_given() -> None:
    later = Event()

    def made(number: int) -> int:
        if number == 0:
            later.wait(10)
        if number == 3:
            later.set()
        return number * number

    assert list(spread(made, range(5), 2)) == [0, 1, 4, 9, 16]


def test_what_is_raised_comes_in_its_place() -> None:
    results = spread(lambda number: 1 / number, [1, 0, 2], 2)
    assert next(results) == 1
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_closed_early_it_begins_nothing_further_and_does_not_wait() -> None:
    begun: list[int] = []
    stuck, release = Event(), Event()

    def made(number: int) -> int:
        begun.append(number)
        if number == 1:
            stuck.set()
            release.wait()
        return number

    results = spread(made, range(9), 1)
    assert next(results) == 0
    assert stuck.wait(10)
    results.close()
    release.set()
    assert begun == [0, 1]
