"""TensorBoard's events and `metrics.csv` in the run's own folder, continued and never deleted by a resumed run."""

import csv
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import Any, final

from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger
from lightning.pytorch.loggers.csv_logs import ExperimentWriter
from tensorboard.compat.proto.event_pb2 import Event, SessionLog

from gan_lightning.files import unfinished


class Forgetful(ABC):
    """A logger that can forget the end of a run that went back to a checkpoint."""

    @abstractmethod
    def forget(self, step: int) -> None:
        """Drop what was logged of later iterations than `step` and is not in the run's files, or can't be cut there."""


@final
class RunTensorBoardLogger(TensorBoardLogger, Forgetful):
    """Lightning's TensorBoard logger, writing events into the run's folder.

    Args:
        folder: the run's folder.
        purge_step: the iteration from which TensorBoard forgets what stands there; None forgets nothing.
    """

    def __init__(self, folder: str, purge_step: int | None) -> None:
        super().__init__(folder, name="", version="", default_hp_metric=False, purge_step=purge_step)

    def forget(self, step: int) -> None:
        """TensorBoard drops what is behind a start of session, as it does with `purge_step`."""
        writer = self.experiment.file_writer
        behind = step + 1 if step else 0  # at the start all is logged again
        writer.add_event(Event(step=behind, session_log=SessionLog(status=SessionLog.START)))
        writer.flush()

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """As Lightning's, which takes a full disk for a figure that can't be logged. Raises OSError there."""
        try:
            super().log_metrics(metrics, step)
        except ValueError as error:
            raise (error.__cause__ if isinstance(error.__cause__, OSError) else error) from None

    def finalize(self, status: str) -> None:
        """Write what is left; of a run that has failed, if it can be: why it failed is to be told."""
        with _of(status):
            super().finalize(status)


@final
class RunCSVLogger(CSVLogger, Forgetful):
    """Lightning's CSV logger, writing `folder/metrics.csv` and leaving what stands there.

    Args:
        folder: the run's folder.
    """

    def __init__(self, folder: str) -> None:
        super().__init__(folder, name="", version="")  # Lightning saves it at each logging step

    @property
    def experiment(self) -> Any:
        """The writer, made on first use."""
        if self._experiment is None:
            self._experiment = _AppendingWriter(self.log_dir)
        return self._experiment

    def log_hyperparams(self, params: Any = None) -> None:
        """Nothing: the run's folder holds its whole config."""

    def forget(self, step: int) -> None:
        """The rows that are not yet written; the file is `gan_lightning.runs.rewind`'s."""
        self.experiment.metrics.clear()

    def finalize(self, status: str) -> None:
        """Write what is left; of a run that has failed, if it can be: why it failed is to be told."""
        with _of(status):
            super().finalize(status)


def _of(status: str) -> AbstractContextManager[None]:
    """What an end of that status may run into."""
    return nullcontext() if status == "success" else suppress(OSError)


class _AppendingWriter(ExperimentWriter):
    """Goes on with the file that is there; Lightning's would delete it, with a warning."""

    def _check_log_dir_exists(self) -> None:
        path = Path(self.metrics_file_path)
        if path.is_file():
            with path.open(newline="") as file:
                self.metrics_keys = next(csv.reader(file), [])

    def log_hparams(self, params: dict[str, Any]) -> None:
        """Nothing: see `RunCSVLogger.log_hyperparams`."""

    def save(self) -> None:
        """Append what was logged since."""
        super(ExperimentWriter, self).save()

    def _rewrite_with_new_header(self, fieldnames: list[str]) -> None:
        """The same rows under a longer header; the file stays as it is until the new one is whole."""
        path = Path(self.metrics_file_path)
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        with unfinished(path) as part, part.open("w", newline="") as file:
            writer = csv.DictWriter(file, fieldnames)
            writer.writeheader()
            writer.writerows(rows)
