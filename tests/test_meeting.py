"""Processes meet before torch connects them: all come, or those that don't are named."""

import socket
import threading

import pytest

from gan_lightning import meeting
from gan_lightning.errors import RankFailed
from gan_lightning.meeting import meet


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> tuple[str, int]:
    monkeypatch.setattr(meeting, "_GLANCE", 0.01)
    with socket.create_server(("127.0.0.1", 0)) as free:
        return "127.0.0.1", free.getsockname()[1]


def test_all_come_whoever_is_first(place: tuple[str, int]):
    stores = []
    second = threading.Thread(target=lambda: stores.append(meet(place, 1, 2, minutes=1)))
    second.start()
    stores.append(meet(place, 0, 2, minutes=1))
    second.join(20)
    assert len(stores) == 2


def test_those_that_do_not_come_are_named(place: tuple[str, int]):
    words = "^rank 1, 2 did not come within 0.001 minutes: see what it says, or raise trainer.strategy.meeting_minutes$"
    with pytest.raises(RankFailed, match=words):
        meet(place, 0, 3, minutes=0.001)


def test_so_is_the_first_one(place: tuple[str, int]):
    with pytest.raises(RankFailed, match="^rank 0 did not come within 0.001 minutes: "):
        meet(place, 1, 2, minutes=0.001)
