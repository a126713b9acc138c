"""One progress bar for the whole run, in iterations."""

import math
import sys
import time
from abc import ABC, abstractmethod
from typing import Any, final

from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import ProgressBar
from tqdm import tqdm

from gan_lightning.errors import UsageError

_LINES = 10  # a run, where stderr is not a terminal
_FORMAT = "{percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} iterations [{elapsed}<{remaining}{postfix}]"
_LOSSES = {"D": "loss/discriminator", "G": "loss/generator"}


@final
class Progress(ProgressBar):
    """On stderr: a bar on a terminal, and elsewhere (a log file, a job's output) a line every tenth of the run.

    Beside the iterations it shows the real samples consumed a second, over all discriminator steps and processes, and
    both losses of the last iteration that was logged. The device is waited for at a refresh, never between two.

    Args:
        refresh_rate: iterations between two refreshes, at least 1.

    Raises:
        UsageError: `refresh_rate` is below 1.
    """

    def __init__(self, refresh_rate: int) -> None:
        super().__init__()
        if refresh_rate < 1:
            raise UsageError(f"callbacks.progress.refresh_rate is {refresh_rate}: set it to 1 or more")
        self.refresh_rate = refresh_rate
        self.is_enabled = True  # the name that Lightning looks for
        self._display: _Display | None = None

    def disable(self) -> None:
        """Show nothing: Lightning's call on every process but the first."""
        self.is_enabled = False

    def enable(self) -> None:
        """Show progress after all."""
        self.is_enabled = True

    def print(self, *args: Any, sep: str = " ", **kwargs: Any) -> None:
        """Print above the bar."""
        tqdm.write(sep.join(map(str, args)), **kwargs)

    def on_train_start(self, trainer: Trainer, module: LightningModule) -> None:
        """Begin where the run stands, which is not 0 if it was resumed."""
        if self.is_enabled:
            data: Any = trainer.datamodule  # type: ignore[attr-defined]
            total = trainer.estimated_stepping_batches  # max_steps, or the batches of all epochs
            display = _Bar if sys.stderr.isatty() else _Lines
            self._display = display(
                start=trainer.global_step,
                total=int(total) if math.isfinite(total) else None,
                samples=data.batch_size * data.minibatches * trainer.world_size,
            )

    def on_train_batch_end(
        self, trainer: Trainer, module: LightningModule, outputs: object, batch: object, batch_idx: int
    ) -> None:
        """Refresh if it is time to, and finish with the last iteration: the bar's line ends before anything follows."""
        display, step = self._display, trainer.global_step
        if display is not None and (step % self.refresh_rate == 0 or step == display.total):
            if display.due(step):
                display.show(step, _losses(trainer))
            if step == display.total:
                self._close()

    def on_train_end(self, trainer: Trainer, module: LightningModule) -> None:
        """End the bar's line if training stopped early."""
        self._close()

    def on_exception(self, trainer: Trainer, module: LightningModule, exception: BaseException) -> None:
        """End the bar's line before the error is printed."""
        self._close()

    def _close(self) -> None:
        if self._display is not None:
            self._display.close()
            self._display = None


class _Display(ABC):
    """Where progress is shown, from iteration `start` on; an iteration consumes `samples` real samples."""

    def __init__(self, start: int, total: int | None, samples: int) -> None:
        self.start, self.total, self.samples = start, total, samples

    def due(self, step: int) -> bool:
        """Whether this refresh is to be shown."""
        return True

    @abstractmethod
    def show(self, step: int, losses: str) -> None:
        """Show that `step` iterations are done."""

    @abstractmethod
    def close(self) -> None:
        """Nothing is shown any more."""


@final
class _Bar(_Display):
    def __init__(self, start: int, total: int | None, samples: int) -> None:
        super().__init__(start, total, samples)
        settings: dict[str, Any] = {"bar_format": _FORMAT, "dynamic_ncols": True, "miniters": 1, "smoothing": 0.1}
        self.bar = tqdm(initial=start, total=total, file=sys.stderr, **settings)

    def show(self, step: int, losses: str) -> None:
        progress = self.bar.format_dict
        rate = progress["rate"] or (step - self.start) / max(progress["elapsed"], 1e-9)
        self.bar.set_postfix_str(f"{rate * self.samples:,.0f} samples/s{losses}", refresh=False)
        self.bar.update(step - self.bar.n)
        if step == self.total:
            self.bar.refresh()  # tqdm leaves out what comes within 0.1 s

    def close(self) -> None:
        self.bar.close()


@final
class _Lines(_Display):
    def __init__(self, start: int, total: int | None, samples: int) -> None:
        super().__init__(start, total, samples)
        self.began = time.perf_counter()
        self.shown = start

    def due(self, step: int) -> bool:
        if self.total is None:
            return step >= 2 * self.shown
        return step * _LINES // self.total > self.shown * _LINES // self.total

    def show(self, step: int, losses: str) -> None:
        self.shown = step
        rate = (step - self.start) / (time.perf_counter() - self.began)
        text = f"iteration {step:,}"
        if self.total is not None:
            left = tqdm.format_interval((self.total - step) / rate)
            text += f" of {self.total:,} ({100 * step // self.total} %), {left} left"
        print(f"{text}, {rate * self.samples:,.0f} samples/s{losses}", file=sys.stderr, flush=True)

    def close(self) -> None:
        """Every line has ended."""


def _losses(trainer: Trainer) -> str:
    module: Any = trainer.lightning_module
    logged = {**trainer.callback_metrics, **module.scalars}  # those have yet to be told
    return "".join(f", {player} {float(logged[name]):.3f}" for player, name in _LOSSES.items() if name in logged)
