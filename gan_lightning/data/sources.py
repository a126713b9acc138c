"""What a config's data node tells of its source before anything is loaded; imports no torch."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from gan_lightning.data import files
from gan_lightning.data.affine import check_density
from gan_lightning.data.kinds import settle
from gan_lightning.data.listing import check_folder, has_classes
from gan_lightning.errors import UsageError

Node = Mapping[str, Any]
"""The composed `data`."""


LABELS, PAIRS = "labels", "pairs"
NEEDS = {
    LABELS: "labelled data: choose data=mnist, fashion_mnist, cifar10, stacked_mnist, or image_folder with a subfolder "
    "for each class",
    PAIRS: "two domains: choose data=unpaired_mnist, unpaired_gaussians or unpaired_folders",
}
"""What a model may ask of its data with the key `needs`, in words."""


class _Source(NamedTuple):
    shape: Callable[[Node], tuple[int, ...]]
    check: Callable[[Node], object]
    """Raises UsageError where the source can't be made or isn't there."""
    offers: Callable[[Node], frozenset[str]] = lambda data: frozenset()
    """What a model may need of it, of `NEEDS`."""


def _published(channels: int, fileset: files.FileSet) -> _Source:
    def check(data: Node) -> None:
        if not data["download"]:
            for file in fileset.train:
                fileset.locate(Path(data["root"]).expanduser(), file)

    return _Source(lambda data: (channels, data["size"], data["size"]), check, lambda data: frozenset({LABELS}))


_SOURCES = {
    "gan_lightning.data.gaussians.Gaussians": _Source(
        lambda data: (2,), lambda data: settle(*(data[name] for name in ("kind", "modes", "radius", "sigma")))
    ),
    "gan_lightning.data.linear_gaussian.LinearGaussian": _Source(
        lambda data: (len(data["offset"]),), lambda data: check_density(data["matrix"], data["offset"])
    ),
    "gan_lightning.data.mnist.MNIST": _published(1, files.MNIST),
    "gan_lightning.data.mnist.FashionMNIST": _published(1, files.FASHION_MNIST),
    "gan_lightning.data.cifar10.CIFAR10": _published(3, files.CIFAR10),
    "gan_lightning.data.stacked_mnist.StackedMNIST": _published(3, files.MNIST),
    "gan_lightning.data.image_folder.ImageFolder": _Source(
        lambda data: (data["channels"], data["size"], data["size"]),
        lambda data: _check_folders(data["root"], data["test_root"]),
        lambda data: frozenset({LABELS} if has_classes(Path(data["root"]).expanduser()) else ()),
    ),
}


def _check_folders(*folders: str | None) -> None:
    for folder in folders:
        if folder is not None:
            check_folder(Path(folder).expanduser())


def shape_of(data: Node) -> tuple[int, ...] | None:
    """Shape of a sample as the data class will say it, or None for a class from elsewhere."""
    source = _SOURCES.get(data["_target_"])
    return source.shape(data) if source is not None else None


def check_source(data: Node) -> None:
    """Check that the distribution is possible or the files are there, and that an iteration can be filled.

    Raises:
        UsageError: with what to do.
    """
    if data["_target_"] in _SOURCES:
        _SOURCES[data["_target_"]].check(data)
    if "num_samples" in data:
        check_enough(data["num_samples"], data["batch_size"] * data["minibatches"])


def check_needs(needs: Iterable[str], data: Node) -> None:
    """Raise UsageError where data lack what a model needs of them, or are two domains and the model has use for one."""
    if data["_target_"] not in _SOURCES:
        return
    offers = _SOURCES[data["_target_"]].offers(data)
    for need in needs:
        if need not in offers:
            raise UsageError(f"this model needs {NEEDS[need]}")
    if PAIRS in offers and PAIRS not in needs:
        raise UsageError("these data are two domains, which this model has no use for: choose model=cyclegan")


def check_enough(samples: int, taken: int) -> None:
    """Raise UsageError where one iteration takes more samples than there are."""
    if samples < taken:
        raise UsageError(
            f"the data has {samples} samples, but one iteration takes {taken} "
            "(data.batch_size x model.n_critic x ranks): lower data.batch_size or model.n_critic"
        )
