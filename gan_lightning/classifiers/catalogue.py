"""Which classifiers come with the package. Nothing here imports torch: a config is checked before torch is loaded."""

from dataclasses import dataclass
from pathlib import Path

from gan_lightning.errors import UsageError

WEIGHTS = Path(__file__).resolve().parent / "weights"
_DIGITS = ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")
_CLOTHES = (
    *("T-shirt/top", "trouser", "pullover", "dress", "coat"),
    *("sandal", "shirt", "sneaker", "bag", "ankle boot"),
)
_THINGS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


@dataclass(frozen=True)
class Entry:
    """A classifier that comes with the package."""

    name: str
    sha256: str
    """Hexadecimal digest of the file."""
    channels: int
    """1 for grey, 3 for colour."""
    size: int
    """Side in pixels of the images it was trained on."""
    accuracy: float
    """Share of the complete test set that the file gets right, in [0, 1]."""
    licence: str
    """Of the images it was trained on."""
    classes: tuple[str, ...]
    """What each of the logits stands for, in order."""

    @property
    def file(self) -> Path:
        """Where its weights lie, a safetensors file."""
        return WEIGHTS / f"{self.name}.safetensors"


CATALOGUE: dict[str, Entry] = {
    entry.name: entry
    for entry in (
        Entry(
            name="mnist",
            sha256="7684badd54069a22ec0fa79632703b5776c19be019e718cd60ee7308742bcedb",
            channels=1,
            size=28,
            accuracy=0.997,
            licence="CC BY-SA 3.0",
            classes=_DIGITS,
        ),
        Entry(
            name="fashion_mnist",
            sha256="c8ca8a43f2b63b88125e579c38e6b083e0254816d7b0c812e9fe2402bd86bf10",
            channels=1,
            size=28,
            accuracy=0.9437,
            licence="MIT",
            classes=_CLOTHES,
        ),
        Entry(
            name="cifar10_jpeg",
            sha256="9f7ec6b4eb7a3c1ea989b9b19a175f126ae1c1c4ad3708aea35899cc6c443883",
            channels=3,
            size=32,
            accuracy=0.8894,
            licence="none stated; the authors ask to be cited (Krizhevsky 2009)",
            classes=_THINGS,
        ),
    )
}
"""Every classifier that comes with the package, by name."""


def find(name: str) -> Entry:
    """The entry of that name. Raises UsageError, which lists the names, where there is none."""
    if name not in CATALOGUE:
        raise UsageError(f"no classifier {name} comes with the package: there is {', '.join(CATALOGUE)}")
    return CATALOGUE[name]
