"""The classifiers that come with the package, as networks."""

from gan_lightning.classifiers.catalogue import find
from gan_lightning.classifiers.network import Classifier
from gan_lightning.classifiers.storage import read


def load(name: str) -> Classifier:
    """The classifier of that name in the catalogue, in eval mode, float32, no parameter asking for a gradient.

    Raises:
        UsageError: there is none of that name, or its file isn't the one that was published.
    """
    entry = find(name)
    return read(entry.file, entry.sha256)
