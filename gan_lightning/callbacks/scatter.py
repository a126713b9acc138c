"""Samples in the plane, over what the discriminator makes of it."""

from typing import Any, final

import numpy as np
import torch
from lightning import LightningModule, Trainer
from matplotlib.colors import LinearSegmentedColormap
from PIL import Image
from torch import Tensor

from gan_lightning import noise
from gan_lightning.callbacks.samples import Samples
from gan_lightning.drawing.plane import FAKE, REAL, Plane
from gan_lightning.models.base import AdversarialModule
from gan_lightning.views import check_scatter

_REAL_POINTS = 2000
_FIELD = 100  # points along each side
_FAKE_FIELD, _REAL_FIELD = "#f0b266", "#7db4de"
_PROBABILITY = LinearSegmentedColormap.from_list(  # steep in the middle, where good games end
    "probability", [(0, _FAKE_FIELD), (0.4, "#fae3c3"), (0.5, "#ffffff"), (0.6, "#cfe3f4"), (1, _REAL_FIELD)]
)
_SCORE = LinearSegmentedColormap.from_list("score", ["#f6cd98", "#ffffff", "#a3cbe9"])


@final
class Scatter(Samples):
    """Real points in grey, generated ones in red, and the discriminator's score of every place behind them.

    Blue is where the discriminator says real, sand where it says fake. White is a probability of one half, and the
    scale fixed; where the score is not a probability, white is the field's median, and the scale its 90th percentile on
    either side.

    Raises:
        UsageError: the data are not points in the plane.
    """

    def setup(self, trainer: Trainer, module: LightningModule, stage: str) -> None:
        """Check that there is a plane to draw."""
        check_scatter(trainer.datamodule.shape)  # type: ignore[attr-defined]

    def on_train_start(self, trainer: Trainer, module: AdversarialModule) -> None:  # type: ignore[override]
        """Lay out the figure: a picture then only moves its points and recolours its field."""
        if trainer.is_global_zero:
            data: Any = trainer.datamodule  # type: ignore[attr-defined]
            self._plot = _Plot(data.held_out(_REAL_POINTS, 1).numpy(), module.scores_are_probabilities)
            places = data.prepare(self._plot.places(), noise.generator(module.seed))
            self._places = places.to(module.device, module.dtype)
        super().on_train_start(trainer, module)

    def picture(self, trainer: Trainer, module: AdversarialModule, samples: Tensor) -> Image.Image:
        """The plane with the samples (n, 2), 600 x 600 px."""
        points = trainer.datamodule.restore(samples)  # type: ignore[attr-defined]
        field = module.score(self._places)
        return self._plot.draw(points.cpu().numpy(), field.cpu().numpy(), trainer.global_step)


class _Plot:
    """One figure whose artists are updated: laying out axes anew would cost more than drawing."""

    def __init__(self, real: np.ndarray, probability: bool) -> None:
        self.plane = Plane(real, {"generated": FAKE, "real": REAL})
        self.limits = self.plane.limits
        self.probability = probability
        self.field = self.plane.axes.imshow(
            np.zeros((_FIELD, _FIELD)),
            extent=(*self.limits[0], *self.limits[1]),
            origin="lower",
            cmap=_PROBABILITY if probability else _SCORE,
            vmin=0,
            vmax=1,
            interpolation="bilinear",
        )
        self.plane.cloud(real)
        self.fake = self.plane.cloud(np.zeros((0, 2)), FAKE, 2.8, 0.7)

    def places(self) -> Tensor:
        """The field's points in the data's units, row by row, (10000, 2)."""
        x, y = (torch.linspace(*limits, _FIELD) for limits in self.limits)
        return torch.stack([x.repeat(_FIELD), y.repeat_interleave(_FIELD)], dim=1)

    def draw(self, fake: np.ndarray, field: np.ndarray, iteration: int) -> Image.Image:
        """The picture of points (n, 2) over the field (10000,)."""
        self.fake.set_data(*fake.T)
        self.field.set_data(field.reshape(_FIELD, _FIELD))
        if not self.probability:
            middle = float(np.median(field))
            reach = max(float(np.percentile(np.abs(field - middle), 90)), 1e-6)  # a flat field is undecided
            self.field.set_clim(middle - reach, middle + reach)
        self.plane.title.set_text(f"iteration {iteration:,}")
        return self.plane.picture()
