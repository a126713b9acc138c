"""The HParams tab of TensorBoard: what a run was, beside its final figures."""

from typing import Any, final

from lightning import Callback, Trainer
from lightning.pytorch.loggers import TensorBoardLogger


@final
class HParams(Callback):
    """Writes a row of TensorBoard's HParams tab when the fit ends.

    Args:
        parameters: by column, what identifies a run: plain values.
    """

    def __init__(self, parameters: dict[str, Any]) -> None:
        self.parameters = parameters

    def on_fit_end(self, trainer: Trainer, pl_module: Any) -> None:
        """The row: the parameters, and each figure of the last evaluation (else the last losses) as `final/<name>`."""
        measured = {
            name: value for name, value in trainer.callback_metrics.items() if name.startswith(("ema/", "raw/"))
        }
        losses = {name: value for name, value in trainer.callback_metrics.items() if name.startswith("loss/")}
        figures = {f"final/{name}": float(value) for name, value in (measured or losses).items()}
        for logger in trainer.loggers:
            if isinstance(logger, TensorBoardLogger):
                logger.log_hyperparams(self.parameters, figures, step=trainer.global_step)
