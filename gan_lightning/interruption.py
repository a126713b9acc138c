"""Signals that stop a run: heard at once, heeded at the end of the iteration; imports no torch."""

import os
import signal
import threading
from types import FrameType
from typing import Any, final

TIME_IS_UP = 1
"""Stands for the end of `trainer.max_time` among signals' numbers: below all that are heard, which so come first."""


@final
class Interrupted(SystemExit):
    """The run was stopped by a signal, or its time is up.

    The exit code is 128 and the signal's number; 0 where its time is up, for that is what was asked for.

    Args:
        number: of the signal, or `TIME_IS_UP`.
        iteration: whose state was saved as all processes agreed; None where the run stopped on the spot.
        last: of a run that stopped on the spot, its last iteration, if that was done and saved.
    """

    def __init__(self, number: int, iteration: int | None, last: int | None = None) -> None:
        super().__init__(0 if number == TIME_IS_UP else 128 + number)
        self.signal, self.iteration, self.last = signal.Signals(number), iteration, last

    @property
    def cause(self) -> str:
        """What stopped it, in a word."""
        return "trainer.max_time" if self.signal == TIME_IS_UP else self.signal.name

    @property
    def reason(self) -> str:
        """In a few words."""
        if self.iteration is not None:
            return f"{self.cause} at iteration {self.iteration}"
        if self.last is not None:
            return f"{self.cause} behind the last iteration, {self.last}, which is saved"
        return f"{self.cause}, nothing saved"


@final
class Listener:
    """Hears SIGTERM and SIGINT, and inside a SLURM job its warning, SIGUSR1, as long as it is entered.

    While `patient`, the first signal is only noted in `heard`; otherwise, or where SIGINT follows upon it, it raises
    `Interrupted` on the spot, and so does what comes of that where something catches it, a library that is being
    imported say. A signal that this process was started to ignore stays ignored.
    """

    def __init__(self) -> None:
        self.heard: int = 0
        """The number of the first signal; 0 if there was none."""
        self.patient = False
        self.last: int | None = None
        """The last iteration, as soon as that is done and saved."""
        self._others: dict[int, Any] = {}

    def __enter__(self) -> None:
        self.heard, self.patient, self.last = 0, False, None
        self._others = {number: signal.getsignal(number) for number in _numbers()}
        self.listen()

    def __exit__(self, *raised: Any) -> None:
        for number, handler in self._others.items():
            _handle(number, handler)
        self._others = {}
        if self.heard and not self.patient and raised and isinstance(raised[1], Exception):
            raise Interrupted(self.heard, None, self.last) from raised[1]

    def listen(self) -> None:
        """Be the one that hears them, whoever came in between."""
        for number, handler in self._others.items():
            if handler is not signal.SIG_IGN:
                _handle(number, self._hear)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        insists = number == signal.SIGINT and self.heard != 0
        self.heard = self.heard or number
        if insists or not self.patient:
            raise Interrupted(number, None, self.last)


def in_slurm() -> bool:
    """Whether this process belongs to a SLURM job."""
    return "SLURM_JOB_ID" in os.environ


def _numbers() -> list[int]:
    return [signal.SIGTERM, signal.SIGINT, *([signal.SIGUSR1] if in_slurm() else [])]


def _handle(number: int, handler: Any) -> None:
    if threading.current_thread() is threading.main_thread():
        signal.signal(number, handler)
