"""Samples as a sheet of images."""

from typing import final

from lightning import LightningModule, Trainer
from PIL import Image
from torch import Tensor

from gan_lightning.callbacks.samples import Samples
from gan_lightning.drawing.sheets import square_sheet
from gan_lightning.models.base import AdversarialModule
from gan_lightning.views import check_grid


@final
class Grid(Samples):
    """Images row by row in a sheet, enlarged by a whole factor until its longer side has 512 px.

    The sheet is near-square where the latents have no layout of their own, such as a class a row.

    Raises:
        UsageError: the data are not grey or RGB images.
    """

    def setup(self, trainer: Trainer, module: LightningModule, stage: str) -> None:
        """Check that there are images to show."""
        check_grid(trainer.datamodule.shape)  # type: ignore[attr-defined]

    def picture(self, trainer: Trainer, module: AdversarialModule, samples: Tensor) -> Image.Image:
        """The sheet of images (n, C, H, W)."""
        return square_sheet(trainer.datamodule.restore(samples).cpu(), columns=self.columns)  # type: ignore[attr-defined]
