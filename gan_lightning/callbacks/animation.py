"""The run's pictures as a film."""

import warnings
from pathlib import Path
from typing import final

from lightning import Callback, LightningModule, Trainer
from PIL import Image

from gan_lightning.drawing.films import write_film
from gan_lightning.errors import UsageError, UsageWarning
from gan_lightning.files import unfinished

_HOLD = 2000  # ms that the last frame stays
_NAMED = 3  # files in a message


@final
class Animation(Callback):
    """Makes `training.gif` of `samples/*.png` once the run has ended and the last picture is there.

    Pictures that can't be read are left out, with a warning.

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
        if not trainer.is_global_zero or len(files) < 2:
            return
        frames = self._frames(files)
        if len(frames) > 1:
            with unfinished(self.folder / "training.gif") as part:
                write_film(frames, part, self.milliseconds, _HOLD, self.max_side)

    def _frames(self, files: list[Path]) -> list[Image.Image]:
        count = min(len(files), self.max_frames)
        chosen = [files[round(i * (len(files) - 1) / (count - 1))] for i in range(count)]
        pictures = {file.name: _read(file) for file in chosen}
        damaged = [name for name, picture in pictures.items() if picture is None]
        if damaged:
            names = ", ".join(damaged[:_NAMED]) + (", ..." if len(damaged) > _NAMED else "")
            told = f"{files[0].parent}: can't be read, and left out of the film ({len(damaged)}): {names}"
            warnings.warn(told, UsageWarning, stacklevel=2)
        return [picture for picture in pictures.values() if picture is not None]


def _read(file: Path) -> Image.Image | None:
    """A picture, RGB; None of a file that was left half-written, say."""
    try:
        with Image.open(file) as picture:
            return picture.convert("RGB")
    except Exception:  # Pillow's decoders raise whatever they stumble over
        return None
