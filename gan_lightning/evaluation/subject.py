"""What `evaluate` is asked about, found without importing torch."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from gan_lightning.errors import UsageError


@dataclass(frozen=True)
class Run:
    """A run's folder and one of its checkpoints."""

    folder: Path
    checkpoint: Path

    @property
    def results(self) -> Path:
        """Where figures go: to the run's own."""
        return self.folder

    @property
    def config(self) -> Path:
        """The resolved config that the run was made from."""
        return self.folder / "config.yaml"


@dataclass(frozen=True)
class Pictures:
    """A folder of generated pictures."""

    folder: Path

    @property
    def results(self) -> Path:
        """Where figures go: beside the folder, for a picture of results in it would be one of the pictures."""
        return self.folder.with_name(f"{self.folder.resolve().name}_evaluation")


Subject: TypeAlias = Run | Pictures


def find(path: Path) -> Subject:
    """A run's folder (its last checkpoint), a checkpoint within one, or a folder of pictures.

    Raises:
        UsageError: it is none of these, or the run has no checkpoint.
    """
    path = path.expanduser()
    if path.is_file():
        folder = path.absolute().parent.parent
        if path.suffix != ".ckpt" or not (folder / "config.yaml").is_file():
            raise UsageError(f"{path}: evaluate a run's folder, one of its checkpoints/*.ckpt, or a folder of pictures")
        return Run(folder, path)
    if not path.is_dir():
        raise UsageError(f"{path}: there is no such file or folder")
    if not (path / "config.yaml").is_file():
        return Pictures(path)
    checkpoint = path / "checkpoints" / "last.ckpt"
    if not checkpoint.is_file():
        raise UsageError(f"{path} has no checkpoints/last.ckpt: let the run reach its first checkpoint, or name one")
    return Run(path, checkpoint)
