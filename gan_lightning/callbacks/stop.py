"""Stopping a run by a signal or when its time is up: behind the iteration, saved, and on all processes alike."""

import time
from collections.abc import Sequence
from typing import Any, final

from lightning import Callback, Trainer

from gan_lightning.callbacks.checkpoint import IntervalCheckpoint
from gan_lightning.distributed import agree
from gan_lightning.interruption import TIME_IS_UP, Interrupted, Listener


@final
class Listen(Callback):
    """Takes the signals back from Lightning, which would answer them its own way; comes before all other callbacks.

    Args:
        listener: what hears them.
    """

    def __init__(self, listener: Listener) -> None:
        self.listener = listener

    def on_train_start(self, trainer: Trainer, pl_module: Any) -> None:
        """Lightning has just taken them."""
        self.listener.listen()


@final
class Stop(Callback):
    """Saves at the end of the iteration in which a process heard a signal or had no time left; raises `Interrupted`.

    It comes after all other callbacks, so that they have seen the iteration too. What follows the last iteration, which
    is saved by then, a signal stops on the spot: a resumed run makes it again.

    Args:
        listener: what hears the signals.
        checkpoints: what saves; with none, nothing is saved.
        seconds: to train in; None sets no limit. What is trained by then is no less than an iteration.
    """

    def __init__(
        self, listener: Listener, checkpoints: Sequence[IntervalCheckpoint], seconds: float | None = None
    ) -> None:
        self.listener, self.checkpoints, self.seconds = listener, checkpoints, seconds
        self._end = float("inf")
        self._last = float("inf")
        self._interrupted: Interrupted | None = None

    def on_train_start(self, trainer: Trainer, pl_module: Any) -> None:
        """From now on there is something to save, unless all is trained and saved already."""
        self._last = trainer.estimated_stepping_batches
        if self.seconds is not None and self._end == float("inf"):  # else the run went back, and its time goes on
            self._end = time.monotonic() + self.seconds
        self._attend(trainer.global_step)

    def on_train_batch_end(self, trainer: Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Ask all processes; save, and let the loop log this iteration and end."""
        step = trainer.global_step
        heard = agree(self.listener.heard or self._out_of_time(step))
        if heard:
            for checkpoint in self.checkpoints:
                checkpoint.save_now(trainer)
            self._interrupted = Interrupted(heard, step if self.checkpoints else None)
            trainer.should_stop = True
        else:
            self._attend(step)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: Any) -> None:
        """Raise what was agreed on, before anything takes the run for finished."""
        if self._interrupted is not None:
            raise self._interrupted

    def _out_of_time(self, step: int) -> int:
        """`TIME_IS_UP` where it is, and something is left to train."""
        return TIME_IS_UP if step < self._last and time.monotonic() >= self._end else 0

    def _attend(self, step: int) -> None:
        """Wait for the end of the next iteration, if there is one."""
        done = step >= self._last
        self.listener.patient = not done
        self.listener.last = step if done and self.checkpoints else None
