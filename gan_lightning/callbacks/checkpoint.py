"""Checkpoints at intervals and of the last iteration, the newest under a fixed name."""

import math
import time
import warnings
from pathlib import Path
from typing import Any, final

from lightning import Callback, Trainer

from gan_lightning.callbacks.evaluation import EVALUATED_AT
from gan_lightning.distributed import agree
from gan_lightning.errors import UsageError, UsageWarning
from gan_lightning.runs.sidecar import flaw
from gan_lightning.runs.storage import point, remove
from gan_lightning.runs.whole import iteration, numbered, regular


@final
class IntervalCheckpoint(Callback):
    """Writes `checkpoints/<iteration>.ckpt` at intervals and at the end; `checkpoints/last.ckpt` points to the newest.

    Tensors and primitives only, so that they load with `weights_only=True`. That of the last iteration is written
    before anything follows training, so that nothing is lost of what was trained, whatever stops what follows.

    Args:
        folder: the run's folder.
        every_n_iterations: iterations between checkpoints.
        every_n_minutes: of wall clock since the last one, as the first process sees it; None goes by iterations alone.
            What is trained is the same to the bit with and without.
        keep: how many of them stay, the newest that are whole; None keeps all. The best one always stays, and so does
            the one that a guard would go back to.
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
        self.goes_back = False  # whether a guard may go back to a checkpoint
        self._lowest, self._lowest_at = math.inf, -1
        self._last = math.inf  # iteration
        self._saved_at = -1
        self._sound: set[Path] = set()
        self._clock = 0.0

    def on_train_start(self, trainer: Trainer, pl_module: Any) -> None:
        """Check that the figure which decides is measured; evaluation comes before this callback."""
        self._clock, self._saved_at, self._last = time.monotonic(), -1, trainer.estimated_stepping_batches
        if trainer.is_global_zero:
            self._find_best()
        figures = [name for name in trainer.callback_metrics if name.startswith(("ema/", "raw/"))]
        if self.best is not None and trainer.is_global_zero and trainer.global_step == 0 and self.best not in figures:
            known = ", ".join(figures) or "none, set metrics"
            raise UsageError(f"callbacks.checkpoint.best={self.best} is not measured at intervals; there is {known}")

    def state_dict(self) -> dict[str, Any]:
        """The best value so far, for a resumed run; nothing where no best is kept."""
        if self.best is None:
            return {}
        return {"figure": self.best, "sign": self._sign, "lowest": self._lowest, "iteration": self._lowest_at}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from it, if it is of the same figure."""
        if (state_dict["figure"], state_dict["sign"]) == (self.best, self._sign):
            self._lowest, self._lowest_at = state_dict["lowest"], state_dict.get("iteration", -1)

    def on_train_batch_end(self, trainer: Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Save when either interval is over, and the last iteration."""
        step = trainer.global_step
        by_clock = self._by_clock(trainer)  # always asked: all processes answer together
        if by_clock or step % self.every_n_iterations == 0 or step >= self._last:
            self._save(trainer, self._improved(trainer))

    def on_train_end(self, trainer: Trainer, pl_module: Any) -> None:
        """Save the result, unless that was just done and the last evaluation has not found it the best."""
        improved = self.best is not None and agree(int(self._improved(trainer))) > 0
        if improved or trainer.global_step != self._saved_at:
            self._save(trainer, improved)

    def save_now(self, trainer: Trainer) -> None:
        """Save this iteration, unless that was just done; for whoever is about to stop the run."""
        if trainer.global_step != self._saved_at:
            self._save(trainer, self._improved(trainer))

    def _by_clock(self, trainer: Trainer) -> bool:
        if self.every_n_minutes is None:
            return False
        late = trainer.is_global_zero and time.monotonic() - self._clock >= 60 * self.every_n_minutes
        return agree(int(late)) > 0

    def _save(self, trainer: Trainer, improved: bool) -> None:
        path = self._path(trainer.global_step)
        module: Any = trainer.lightning_module
        module.tell()  # no curve is to lack what a checkpoint has behind it
        trainer.save_checkpoint(path, weights_only=False)  # False: the whole state, not the weights alone
        self._saved_at = trainer.global_step  # only now: the guard may have refused
        self._clock = time.monotonic()
        if not trainer.is_global_zero:
            return
        point(self.folder / "last.ckpt", path)
        if improved:
            point(self.folder / "best.ckpt", path)
        if self.keep is not None:
            self._thin(path, self.keep)

    def _thin(self, newest: Path, keep: int) -> None:
        """Remove what is older than the `keep` newest whole ones; what is later than this one is not the run's."""
        target = regular(self.folder, self.every_n_iterations, iteration(newest)) if self.goes_back else None
        spared = [(self.folder / "best.ckpt").resolve(), None if target is None else target.resolve()]
        self._sound.add(newest)
        for path in numbered(self.folder):
            if iteration(path) > iteration(newest):
                continue
            if keep > 0 and self._is_sound(path):
                keep -= 1
            elif path.resolve() not in spared:
                remove(path)

    def _is_sound(self, path: Path) -> bool:
        """Whether it is whole; of what this process has written or looked at, remembered."""
        if path not in self._sound and flaw(path) is None:
            self._sound.add(path)
        return path in self._sound

    def _find_best(self) -> None:
        """Point to the best checkpoint again, if the run went behind a later one, or was killed before it did."""
        link, path = self.folder / "best.ckpt", self._path(self._lowest_at)
        if self.best is not None and path.is_file() and link.resolve() != path.resolve():
            point(link, path)

    def _path(self, step: int) -> Path:
        return self.folder / f"{step:08d}.ckpt"

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
        if improved:
            self._lowest, self._lowest_at = value, trainer.global_step
        return improved
