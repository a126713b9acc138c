"""The run's pictures as a film."""

from pathlib import Path
from typing import final

from lightning import Callback, LightningModule, Trainer
from PIL import Image

from gan_lightning.drawing.films import write_film
from gan_lightning.errors import UsageError

_HOLD = 2000  # ms that the last frame stays


@final
class Animation(Callback):
    """Makes `training.gif` of `samples/*.png` once the run has ended and the last picture is there.

    Args:
        folder: of the run.
        milliseconds: that a frame stays; the last one stays 2 s.
        max_frames: at most so many pictures, evenly chosen, the first and the last among them; at least 2.
        max_side: px; larger pictures are reduced.

    Raises:
        UsageError: fewer than two frames are asked for.
    """

    def __init__(self, folder: str, milliseconds: int, max_frames: int, max_side: int) -> None:
        if max_frames < 2:
            raise UsageError(f"callbacks.animation.max_frames is {max_frames}: set it to 2 or more")
        self.folder = Path(folder)
        self.milliseconds = milliseconds
        self.max_frames = max_frames
        self.max_side = max_side

    def on_fit_end(self, trainer: Trainer, module: LightningModule) -> None:
        """Write the film, if there are at least two pictures to make it of."""
        files = sorted(self.folder.glob("samples/*.png"))
        if trainer.is_global_zero and len(files) > 1:
            frames = self._frames(files)
            write_film(frames, self.folder / "training.gif", self.milliseconds, _HOLD, self.max_side)

    def _frames(self, files: list[Path]) -> list[Image.Image]:
        count = min(len(files), self.max_frames)
        chosen = [files[round(i * (len(files) - 1) / (count - 1))] for i in range(count)]
        return [Image.open(file).convert("RGB") for file in chosen]
