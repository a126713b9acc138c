"""`metrics.csv` in the run's own folder, continued and never deleted by a resumed run."""

import csv
from pathlib import Path
from typing import Any, final

from lightning.pytorch.loggers import CSVLogger
from lightning.pytorch.loggers.csv_logs import ExperimentWriter


@final
class RunCSVLogger(CSVLogger):
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
