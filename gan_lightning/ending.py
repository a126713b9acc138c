"""The end of a run whose iterations are all done: what follows training, and nothing else."""

from typing import final

from lightning import Trainer
from lightning.pytorch.loops.fit_loop import _FitLoop


@final
class _EndingLoop(_FitLoop):
    @property
    def skip(self) -> bool:
        """No: Lightning's would leave out what comes before and behind the iterations, as there are none."""
        return False


def only_end(trainer: Trainer) -> None:
    """Have `trainer.fit` restore the checkpoint, call what comes at the start and the end of training, and be done."""
    loop = _EndingLoop(trainer, trainer.min_epochs, trainer.max_epochs)
    loop.epoch_loop = trainer.fit_loop.epoch_loop
    trainer.fit_loop = loop
