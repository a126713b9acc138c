"""Where the processes of a run meet, before torch connects them: who is missing can be said, and signals are heard."""

import os
import socket
import time
from datetime import timedelta

from torch.distributed import TCPStore

from gan_lightning.errors import RankFailed

_GLANCE = 0.1  # seconds
_WAIT = timedelta(minutes=5)  # for an answer of a store that is there


def meet(place: tuple[str, int], rank: int, ranks: int, minutes: float) -> TCPStore:
    """Come, and wait for the others.

    Torch's own meeting waits where no signal is heard, for as long as any operation later.

    Args:
        place: address and port where the first one, or torchrun's agent, keeps a store.
        rank: of this process.
        ranks: how many of them there are.
        minutes: to wait at most.

    Returns:
        The store, to be kept until torch has made its own, which shares the port.

    Raises:
        RankFailed: some have not come, which are named.
    """
    deadline = time.monotonic() + 60 * minutes
    missing = [0]
    while rank > 0 and not _is_open(place):
        _wait(deadline, missing, minutes)
    agent = os.environ.get("TORCHELASTIC_USE_AGENT_STORE") == str(True)
    serves = rank == 0 and not agent
    store = TCPStore(*place, is_master=serves, timeout=_WAIT, wait_for_workers=False, multi_tenant=serves)
    attempt = os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")
    store.set(_key(attempt, rank), "")
    missing = list(range(ranks))
    while missing := [other for other in missing if not store.check([_key(attempt, other)])]:
        _wait(deadline, missing, minutes)
    return store


def _wait(deadline: float, missing: list[int], minutes: float) -> None:
    """A moment. Raises RankFailed behind the deadline."""
    if time.monotonic() >= deadline:
        named = ", ".join(map(str, missing[:8])) + (", ..." if len(missing) > 8 else "")
        raise RankFailed(
            f"rank {named} did not come within {minutes:g} minutes: see what it says, "
            "or raise trainer.strategy.meeting_minutes"
        )
    time.sleep(_GLANCE)


def _is_open(place: tuple[str, int]) -> bool:
    """Whether anybody listens there; torch's own client writes pages about one that doesn't."""
    try:
        socket.create_connection(place, 1).close()
    except OSError:
        return False
    return True


def _key(attempt: str, rank: int) -> str:
    return f"gan_lightning/{attempt}/{rank}"
