"""A checkpoint's file: what it says of itself, and reading one from whoever wrote it."""

from pathlib import Path
from typing import Any

import torch

from gan_lightning.errors import UsageError

GAME = "game"
"""Key of what a checkpoint says of its game."""
NUM_CLASSES = "num_classes"
"""Key of the number of classes that its networks were made for; an older checkpoint is of none."""
FORMAT_KEY = "format"
FORMAT = 1
"""Of the checkpoints that this version writes; raised when an older one could not read them."""


def read(path: Path) -> dict[str, Any]:
    """A checkpoint of this framework, mapped into memory; nothing in it is executed.

    Raises:
        UsageError: it is damaged, another file, or of a newer version.
    """
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except Exception as error:  # zipfile, pickle, torch and the operating system each have their own
        raise UsageError(
            f"{path} can't be read as a checkpoint: it is damaged, or another file; name an earlier one"
        ) from error
    if not isinstance(checkpoint, dict) or GAME not in checkpoint:
        raise UsageError(f"{path} is no checkpoint of gan_lightning: name one of a run's checkpoints/*.ckpt")
    found = checkpoint.get(FORMAT_KEY)
    if found != FORMAT:
        raise UsageError(f"{path} is a checkpoint of format {found}, this version reads {FORMAT}: install its version")
    return checkpoint
