"""A checkpoint's file: what it says of itself, and reading one from whoever wrote it."""

from pathlib import Path
from typing import Any

import torch

from gan_lightning.errors import UsageError
from gan_lightning.runs.content import misfit
from gan_lightning.runs.sidecar import flaw
from gan_lightning.runs.whole import offer

GAME = "game"
"""Key of what a checkpoint says of its game."""
NUM_CLASSES = "num_classes"
"""Key of the number of classes that its networks were made for; an older checkpoint is of none."""
RANKS = "ranks"
"""Key of what each process has for itself, in the order of their ranks; an older checkpoint has none."""
FORMAT_KEY = "format"
FORMAT = 1
"""Of the checkpoints that this version writes; raised when an older one could not read them."""


def read(path: Path, mmap: bool = True) -> dict[str, Any]:
    """A checkpoint of this framework, on the CPU; nothing in it is executed.

    Args:
        path: of the file, whose sha256 is checked where it stands beside it.
        mmap: map the tensors into memory instead of reading them; for whoever copies them before the file goes.

    Raises:
        UsageError: it is damaged, another file, or of a newer version; of a damaged one names the newest whole one.
    """
    wrong = flaw(path)
    if wrong is not None:
        raise UsageError(f"{path} can't be read as a checkpoint: {wrong}; {offer(path)}")
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True, mmap=mmap)
    except Exception as error:  # zipfile, pickle, torch and the operating system each have their own
        wrong = "it is damaged, or another file"
        raise UsageError(f"{path} can't be read as a checkpoint: {wrong}; {offer(path)}") from error
    if not isinstance(checkpoint, dict) or GAME not in checkpoint:
        raise UsageError(f"{path} is no checkpoint of gan_lightning: name one of a run's checkpoints/*.ckpt")
    found = checkpoint.get(FORMAT_KEY)
    if found != FORMAT:
        raise UsageError(f"{path} is a checkpoint of format {found}, this version reads {FORMAT}: install its version")
    wrong = misfit(checkpoint)
    if wrong is not None:
        raise UsageError(f"{path} can't be read as a checkpoint: {wrong}; {offer(path)}")
    return checkpoint
