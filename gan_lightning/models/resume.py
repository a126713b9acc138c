"""Whether a checkpoint belongs to the game that wants to go on from it."""

from pathlib import Path
from typing import Any

import torch
from lightning import LightningModule

from gan_lightning.errors import UsageError

KEY = "game"
MEND = "resume with the config of the run that wrote it (config.yaml in its folder)"


def check_file(path: Path) -> None:
    """Raise UsageError unless the file is a checkpoint of this framework; nothing in it is executed."""
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except Exception as error:  # zipfile, pickle, torch and the operating system each have their own
        raise UsageError(f"ckpt_path={path} can't be read as a checkpoint: it is damaged, or another file") from error
    if not isinstance(checkpoint, dict) or KEY not in checkpoint:
        raise UsageError(f"ckpt_path={path} is no checkpoint of gan_lightning")


def describe(module: LightningModule) -> dict[str, Any]:
    """What a checkpoint says of its game: plain strings."""
    optimizers = [type(optimizer).__name__ for optimizer in module.trainer.optimizers]
    return {"model": type(module).__name__, "optimizers": optimizers}


def check_game(module: LightningModule, checkpoint: dict[str, Any]) -> None:
    """Raise UsageError if the checkpoint is of another class or other networks than the module's."""
    wrote = checkpoint[KEY]["model"]
    if wrote != type(module).__name__:
        raise UsageError(f"the checkpoint is of a {wrote}, this run of a {type(module).__name__}: {MEND}")
    own, stored = module.state_dict(), checkpoint["state_dict"]
    for name in sorted(own.keys() | stored.keys()):
        if name not in own or name not in stored or own[name].shape != stored[name].shape:
            raise UsageError(f"the checkpoint's networks differ from this run's at {name}: {MEND}")


def check_optimizers(module: LightningModule, wrote: list[str]) -> None:
    """Raise UsageError if the checkpoint's optimizers, by name, are of other kinds than the module's."""
    now = describe(module)["optimizers"]
    if now != wrote:
        raise UsageError(f"the checkpoint's optimizers are {', '.join(wrote)}, this run's {', '.join(now)}: {MEND}")
