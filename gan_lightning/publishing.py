"""What a run says in numbers, given to its loggers and on disk at once."""

from collections.abc import Mapping

import torch
from lightning import Trainer


def publish(trainer: Trainer, values: Mapping[str, float], step: int) -> None:
    """Give scalars of the iteration `step` to the loggers, and to whoever reads `trainer.callback_metrics`.

    Lightning's own way, `log`, comes behind the callback that saves an iteration: a run that is killed between both
    would go on without that row.
    """
    trainer.callback_metrics.update({name: torch.tensor(value) for name, value in values.items()})
    for logger in trainer.loggers:
        logger.log_metrics(dict(values), step)
        logger.save()  # on disk
