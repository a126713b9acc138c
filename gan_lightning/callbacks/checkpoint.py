"""Checkpoints at intervals, the last one under a fixed name."""

import math
import time
import warnings
from pathlib import Path
from typing import Any, final

from lightning import Callback, Trainer

from gan_lightning.callbacks.evaluation import EVALUATED_AT
from gan_lightning.distributed import agree
from gan_lightning.errors import UsageError, UsageWarning
from gan_lightning.runs.storage import point, remove
from gan_lightning.runs.whole import numbered


@final
class IntervalCheckpoint(Callback):
    """Writes `checkpoints/<iteration>.ckpt` at intervals and at the end; `checkpoints/last.ckpt` points to the newest.

    Tensors and primitives only, so that they load with `weights_only=True`.

    Args:
        folder: the run's folder.
        every_n_iterations: iterations between checkpoints.
        every_n_minutes: of wall clock since the last one, as the first process sees it; None goes by iterations alone.
            What is trained is the same to the bit with and without.
        keep: how many of them stay, the newest; None keeps all. The best one always stays.
        best: a figure that is measured at intervals, such as `ema/fd_classifier2500_train`; `checkpoints/best.ckpt`
            is the checkpoint at which it was best. None keeps no best.
        best_mode: "min" or "max", which of its values is the best.

    Raises:
        UsageError: when training starts, if `best` is no figure of this run.
    """

    def __init__(
        self,
        folder: str,
        every_n_iterations: int,
        every_n_minutes: float | None,
        keep: int | None,
        best: str | None,
        best_mode: str,
    ) -> None:
        self.folder = Path(folder) / "checkpoints"
        self.every_n_iterations, self.every_n_minutes, self.keep = every_n_iterations, every_n_minutes, keep
        self.best, self._sign = best, {"min": 1.0, "max": -1.0}[best_mode]
        self._lowest = math.inf
        self._saved_at = -1
        self._clock = 0.0

    def on_train_start(self, trainer: Trainer, pl_module: Any) -> None:
        """Check that the figure which decides is measured; evaluation comes before this callback."""
        self._clock = time.monotonic()
        figures = [name for name in trainer.callback_metrics if name.startswith(("ema/", "raw/"))]
        if self.best is not None and trainer.is_global_zero and trainer.global_step == 0 and self.best not in figures:
            known = ", ".join(figures) or "none, set metrics"
            raise UsageError(f"callbacks.checkpoint.best={self.best} is not measured at intervals; there is {known}")

    def state_dict(self) -> dict[str, Any]:
        """The best value so far, for a resumed run; nothing where no best is kept."""
        return {} if self.best is None else {"figure": self.best, "sign": self._sign, "lowest": self._lowest}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from it, if it is of the same figure."""
        if (state_dict["figure"], state_dict["sign"]) == (self.best, self._sign):
            self._lowest = state_dict["lowest"]

    def on_train_batch_end(self, trainer: Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Save when either interval is over."""
        by_clock = self._by_clock(trainer)  # always asked: all processes answer together
        if by_clock or trainer.global_step % self.every_n_iterations == 0:
            self._save(trainer)

    def on_train_end(self, trainer: Trainer, pl_module: Any) -> None:
        """Save the result, unless that was just done."""
        if trainer.global_step != self._saved_at:
            self._save(trainer)
        elif trainer.is_global_zero and self._improved(trainer):  # by the last evaluation, which comes behind the save
            point(self.folder / "best.ckpt", self._path(trainer))

    def save_now(self, trainer: Trainer) -> None:
        """Save this iteration, unless that was just done; for whoever is about to stop the run."""
        if trainer.global_step != self._saved_at:
            self._save(trainer)

    def _by_clock(self, trainer: Trainer) -> bool:
        if self.every_n_minutes is None:
            return False
        late = trainer.is_global_zero and time.monotonic() - self._clock >= 60 * self.every_n_minutes
        return agree(int(late)) > 0

    def _save(self, trainer: Trainer) -> None:
        self._saved_at = trainer.global_step
        improved = self._improved(trainer)  # before it is saved: a resumed run knows of it
        path = self._path(trainer)
        trainer.save_checkpoint(path, weights_only=False)  # False: the whole state, not the weights alone
        self._clock = time.monotonic()
        if not trainer.is_global_zero:
            return
        point(self.folder / "last.ckpt", path)
        if improved:
            point(self.folder / "best.ckpt", path)
        if self.keep is not None:
            best = (self.folder / "best.ckpt").resolve()
            for old in numbered(self.folder)[self.keep :]:
                if old.resolve() != best:
                    remove(old)

    def _path(self, trainer: Trainer) -> Path:
        return self.folder / f"{trainer.global_step:08d}.ckpt"

    def _improved(self, trainer: Trainer) -> bool:
        """Whether this iteration was evaluated, and is the best so far."""
        figures = trainer.callback_metrics
        if self.best is None or int(figures.get(EVALUATED_AT, -1)) != trainer.global_step:
            return False
        if self.best not in figures:  # of a resumed run: a fresh one has been refused
            warnings.warn(f"callbacks.checkpoint.best={self.best} is not measured here", UsageWarning, stacklevel=2)
            return False
        value = self._sign * float(trainer.callback_metrics[self.best])
        improved = value < self._lowest  # a NaN is no improvement
        self._lowest = value if improved else self._lowest
        return improved
