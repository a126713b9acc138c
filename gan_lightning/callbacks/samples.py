"""Pictures of the generator's samples, always from the same latents, while it trains."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import cast

import numpy as np
import torch
from lightning import Callback, Trainer
from lightning.pytorch.loggers import TensorBoardLogger
from PIL import Image
from torch import Tensor

from gan_lightning import noise
from gan_lightning.errors import UsageError
from gan_lightning.files import unfinished
from gan_lightning.models.base import AdversarialModule

_STREAM = 0x70696374  # "pict": of the module's seed, far from every epoch, rank and draw


class Samples(Callback, ABC):
    """Writes `samples/<iteration>.png` at iteration 0, every `every` iterations, and at the end of the run.

    The samples are those of the averaged generator if one is kept. Each picture goes to TensorBoard too, where it is
    on. Only the first process draws, and training is the same to the bit with and without.

    Args:
        folder: of the run.
        every: iterations between two pictures, at least 1.
        n: samples a picture, at least 1; about so many where they are laid out, a class a row say.

    Raises:
        UsageError: a number below 1.
    """

    def __init__(self, folder: str, every: int, n: int) -> None:
        for name, value in {"every": every, "n": n}.items():
            if value < 1:
                raise UsageError(f"callbacks.samples.{name} is {value}: set it to 1 or more")
        self.folder = Path(folder) / "samples"
        self.every = every
        self.n = n
        self._latents: Tensor | None = None
        self.columns: int | None = None  # of a sheet, where the latents were laid out
        self._drawn: int | None = None  # iteration of the latest picture

    @abstractmethod
    def picture(self, trainer: Trainer, module: AdversarialModule, samples: Tensor) -> Image.Image:
        """The picture, RGB, of samples (n, *shape) in the networks' units, on the module's device."""

    def on_train_start(self, trainer: Trainer, module: AdversarialModule) -> None:  # type: ignore[override]
        """Draw the latents, and the untrained generator's picture if this is the beginning of the run."""
        if not trainer.is_global_zero:
            return
        latents, self.columns = module.showcase(self.n, noise.generator(module.seed, _STREAM))
        self._latents = latents.to(module.device, cast(torch.dtype, module.dtype))
        if trainer.global_step == 0:
            self._draw(trainer, module)

    def on_train_batch_end(  # type: ignore[override]
        self, trainer: Trainer, module: AdversarialModule, outputs: object, batch: object, batch_idx: int
    ) -> None:
        """Draw if the iteration is one of those asked for."""
        if trainer.global_step % self.every == 0:
            self._draw(trainer, module)

    def on_train_end(self, trainer: Trainer, module: AdversarialModule) -> None:  # type: ignore[override]
        """Draw the trained generator's picture, unless the last iteration has just been drawn."""
        if self._drawn != trainer.global_step:
            self._draw(trainer, module)

    def _draw(self, trainer: Trainer, module: AdversarialModule) -> None:
        if self._latents is None:  # on every process but the first
            return
        self._drawn = trainer.global_step
        picture = self.picture(trainer, module, module.exhibit(self._latents))
        self.folder.mkdir(parents=True, exist_ok=True)
        with unfinished(self.folder / f"{self._drawn:08d}.png") as part:
            picture.save(part, "PNG")
        for logger in trainer.loggers:
            if isinstance(logger, TensorBoardLogger):
                logger.experiment.add_image("samples", np.asarray(picture), self._drawn, dataformats="HWC")
