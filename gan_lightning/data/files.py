"""Which files the published sets consist of, and where they are looked for; imports no torch."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from gan_lightning.errors import UsageError


@dataclass(frozen=True)
class FileSet:
    """A published set: its files and their places, in torchvision's layout and beside it."""

    name: str
    folder: str
    """Below the root, in torchvision's layout."""
    train: tuple[str, ...]
    test: tuple[str, ...]
    what: str
    """The files in words, as what must be put there."""
    loose: bool = False
    """Whether the files may also lie in the root itself, and be compressed as `.gz`."""
    system: tuple[str, ...] = ()
    """Folders where operating systems keep the set."""

    def find(self, root: Path, file: str) -> Path | None:
        """The file, or None where it is in none of its places."""
        folders = [root / self.folder, *([root] if self.loose else []), *map(Path, self.system)]
        suffixes = ("", ".gz") if self.loose else ("",)
        candidates = (folder / (file + suffix) for folder in folders for suffix in suffixes)
        return next((path for path in candidates if path.is_file()), None)

    def locate(self, root: Path, file: str) -> Path:
        """The file. Raises UsageError where it is in none of its places."""
        found = self.find(root, file)
        if found is None:
            raise UsageError(
                f"{self.name} was not found under {root} (looked for {root / self.folder / file}): "
                f"put {self.what} there, set data.root=FOLDER, or data.download=true"
            )
        return found

    def complete(self, root: Path, files: Iterable[str]) -> bool:
        """Whether all the files are there."""
        return all(self.find(root, file) is not None for file in files)

    def advice(self, root: Path) -> str:
        """What to do where the set can't be downloaded."""
        return f"put {self.what} into {root / self.folder}, or set data.root=FOLDER"


_IDX_TRAIN = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte")
_IDX_TEST = ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")

MNIST = FileSet("MNIST", "MNIST/raw", _IDX_TRAIN, _IDX_TEST, "the four IDX files", loose=True)
FASHION_MNIST = FileSet(
    *("FashionMNIST", "FashionMNIST/raw", _IDX_TRAIN, _IDX_TEST, "the four IDX files"),
    loose=True,
    system=("/usr/share/datasets/fashion-mnist",),  # Debian's package dataset-fashion-mnist
)
CIFAR10 = FileSet(
    *("CIFAR10", "cifar-10-batches-py", tuple(f"data_batch_{k}" for k in range(1, 6)), ("test_batch",)),
    what="the files of cifar-10-python.tar.gz",
)
