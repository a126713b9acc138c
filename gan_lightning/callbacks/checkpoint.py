"""Checkpoints at intervals, the last one under a fixed name."""

import os
from pathlib import Path
from typing import Any, final

from lightning import Callback, Trainer


@final
class IntervalCheckpoint(Callback):
    """Writes `checkpoints/<iteration>.ckpt` at intervals and at the end; `checkpoints/last.ckpt` points to the newest.

    Tensors and primitives only, so that they load with `weights_only=True`.

    Args:
        folder: the run's folder.
        every: iterations between checkpoints.
        keep: how many of them stay, the newest; None keeps all.
    """

    def __init__(self, folder: str, every: int, keep: int | None) -> None:
        self.folder = Path(folder) / "checkpoints"
        self.every, self.keep = every, keep
        self._saved_at = -1

    def on_train_batch_end(self, trainer: Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Save at every `every` iterations."""
        if trainer.global_step % self.every == 0:
            self._save(trainer)

    def on_train_end(self, trainer: Trainer, pl_module: Any) -> None:
        """Save the result, unless that was just done."""
        if trainer.global_step != self._saved_at:
            self._save(trainer)

    def _save(self, trainer: Trainer) -> None:
        self._saved_at = trainer.global_step
        path = self.folder / f"{trainer.global_step:08d}.ckpt"
        trainer.save_checkpoint(path, weights_only=False)  # False: the whole state, not the weights alone
        if not trainer.is_global_zero:
            return
        pointer = self.folder / ".last.ckpt"
        pointer.unlink(missing_ok=True)
        pointer.symlink_to(path.name)
        os.replace(pointer, self.folder / "last.ckpt")
        if self.keep is not None:
            for old in sorted(self.folder.glob("[0-9]*.ckpt"))[: -self.keep]:
                old.unlink()
