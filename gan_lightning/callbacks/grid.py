"""Samples as a sheet of images."""

import math
from typing import final

from lightning import LightningModule, Trainer
from PIL import Image
from torch import Tensor
from torchvision.utils import make_grid

from gan_lightning.callbacks.samples import Samples
from gan_lightning.models.base import AdversarialModule
from gan_lightning.views import check_grid

_SIDE = 512  # px: below this, small images can't be seen
_GAP = 2  # px between images, before enlarging


@final
class Grid(Samples):
    """Images row by row in a near-square sheet, enlarged by a whole factor until its longer side has 512 px.

    Raises:
        UsageError: the data are not grey or RGB images.
    """

    def setup(self, trainer: Trainer, module: LightningModule, stage: str) -> None:
        """Check that there are images to show."""
        check_grid(trainer.datamodule.shape)  # type: ignore[attr-defined]

    def picture(self, trainer: Trainer, module: AdversarialModule, samples: Tensor) -> Image.Image:
        """The sheet of images (n, C, H, W)."""
        images = trainer.datamodule.restore(samples).cpu()  # type: ignore[attr-defined]
        sheet = make_grid(images, nrow=math.ceil(math.sqrt(len(images))), padding=_GAP, pad_value=255)  # (3, H, W)
        picture = Image.fromarray(sheet.permute(1, 2, 0).contiguous().numpy())
        factor = max(1, math.ceil(_SIDE / max(picture.size)))
        return picture.resize((picture.width * factor, picture.height * factor), Image.Resampling.NEAREST)
