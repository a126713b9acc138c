"""What a config's data node tells of its source before anything is loaded; imports no torch."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from gan_lightning.data import files
from gan_lightning.data.affine import check_density
from gan_lightning.data.kinds import settle
from gan_lightning.data.known_maps import MAPS
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
    labelled: Callable[[Node], bool] = lambda data: False
    paired: bool = False
    """Whether it is two domains."""


def _there(data: Node, fileset: files.FileSet) -> None:
    if not data["download"]:
        for file in fileset.train:
            fileset.locate(Path(data["root"]).expanduser(), file)


def _published(channels: int, fileset: files.FileSet) -> _Source:
    def check(data: Node) -> None:
        _there(data, fileset)

    return _Source(lambda data: (channels, data["size"], data["size"]), check, lambda data: True)


_MIXTURE = ("kind", "modes", "radius", "sigma")
_SOURCES = {
    "gan_lightning.data.gaussians.Gaussians": _Source(
        lambda data: (2,), lambda data: settle(*(data[name] for name in _MIXTURE))
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
        lambda data: _check_folders(data, "root", "test_root"),
        lambda data: has_classes(Path(data["root"]).expanduser()),
    ),
    "gan_lightning.data.unpaired_gaussians.UnpairedGaussians": _Source(
        lambda data: (2,),
        lambda data: [settle(*(data[domain][name] for name in _MIXTURE)) for domain in ("source", "target")],
        paired=True,
    ),
    "gan_lightning.data.unpaired_mnist.UnpairedMNIST": _Source(
        lambda data: (MAPS[data["map"]].channels, data["size"], data["size"]),
        lambda data: _there(data, files.MNIST),
        lambda data: True,
        paired=True,
    ),
    "gan_lightning.data.unpaired_folders.UnpairedFolders": _Source(
        lambda data: (data["channels"], data["size"], data["size"]),
        lambda data: _check_two_folders(data),
        paired=True,
    ),
}


def _check_folders(data: Node, *knobs: str) -> None:
    for knob in knobs:
        if data[knob] is not None:
            check_folder(Path(data[knob]).expanduser(), f"data.{knob}")


def _check_two_folders(data: Node) -> None:
    _check_folders(data, "source_root", "target_root", "source_test_root", "target_test_root")
    source, target = (Path(data[knob]).expanduser().resolve() for knob in ("source_root", "target_root"))
    if source == target:
        raise UsageError(f"data.source_root and data.target_root are both {source}: give each domain a folder")


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


def check_domains(needs: Iterable[str], data: Node) -> None:
    """Raise UsageError where a model needs two domains and the data are one, or the other way round.

    It looks at no other key of the data than their class, so that it can come before anything else is checked.
    """
    source = _SOURCES.get(data.get("_target_", ""))
    if source is None:
        return
    if PAIRS in needs and not source.paired:
        raise UsageError(f"this model needs {NEEDS[PAIRS]}")
    if source.paired and PAIRS not in needs:
        raise UsageError("these data are two domains, which this model has no use for: choose model=cyclegan")


def check_labels(needs: Iterable[str], data: Node) -> None:
    """Raise UsageError where a model needs labels and the data have none."""
    source = _SOURCES.get(data["_target_"])
    if source is not None and LABELS in needs and not source.labelled(data):
        raise UsageError(f"this model needs {NEEDS[LABELS]}")


def check_enough(samples: int, taken: int) -> None:
    """Raise UsageError where one iteration takes more samples than there are."""
    if samples < taken:
        raise UsageError(
            f"the data has {samples} samples, but one iteration takes {taken} "
            "(data.batch_size x model.n_critic x ranks): lower data.batch_size or model.n_critic"
        )
