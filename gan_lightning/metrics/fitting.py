"""Which sources of data each measure is made for, and which measures go with a source; imports no torch."""

from collections.abc import Iterable

from gan_lightning.errors import UsageError

_DATA = "gan_lightning.data"
_METRICS = "gan_lightning.metrics"
POINTS, IMAGES = f"{_DATA}.base.PointData", f"{_DATA}.base.ImageData"
GAUSSIANS, LINEAR = f"{_DATA}.gaussians.Gaussians", f"{_DATA}.linear_gaussian.LinearGaussian"
STACKED = f"{_DATA}.stacked_mnist.StackedMNIST"
UNPAIRED_GAUSSIANS = f"{_DATA}.unpaired_gaussians.UnpairedGaussians"
UNPAIRED_IMAGES = tuple(f"{_DATA}.unpaired_{name}" for name in ("mnist.UnpairedMNIST", "folders.UnpairedFolders"))

DENSITY = f"{_METRICS}.divergence.JensenShannon"
"""Measures against a density, which not all of its sources have."""

NEEDS: dict[str, tuple[str, ...]] = {
    f"{_METRICS}.base.PointMetric": (POINTS,),
    f"{_METRICS}.wasserstein.Wasserstein2": (POINTS,),
    f"{_METRICS}.cross_entropy.CrossEntropy": (POINTS,),
    f"{_METRICS}.modes.ModeCoverage": (GAUSSIANS, UNPAIRED_GAUSSIANS),
    DENSITY: (GAUSSIANS,),
    f"{_METRICS}.moments.Moments": (LINEAR,),
    f"{_METRICS}.features.FeatureMetrics": (IMAGES,),
    f"{_METRICS}.classifier.ClassifierMetrics": (IMAGES,),
    f"{_METRICS}.inception.InceptionMetrics": (IMAGES,),
    f"{_METRICS}.recognition.Recognition": (IMAGES,),
    f"{_METRICS}.stacked.StackedModes": (STACKED,),
    f"{_METRICS}.translation.Translation": (UNPAIRED_GAUSSIANS, *UNPAIRED_IMAGES),
}
"""The classes of data that a class of metrics measures; a class without a row measures what its base does."""

FITTING = {
    GAUSSIANS: "[modes,wasserstein]",
    LINEAR: "[moments,cross_entropy]",
    STACKED: "[stacked_modes]",
    UNPAIRED_GAUSSIANS: "[modes,wasserstein,translation]",
    **dict.fromkeys(UNPAIRED_IMAGES, "[translation]"),
}
"""What goes with a source; with other images, the features of a classifier."""

_WORDS = {
    POINTS: "points in the plane",
    IMAGES: "images",
    GAUSSIANS: "data=gaussians",
    LINEAR: "data=linear_gaussian",
    STACKED: "data=stacked_mnist",
    UNPAIRED_GAUSSIANS: "two domains",
}


def check_fits(name: str, metric: Iterable[str], data: Iterable[str]) -> None:
    """Check that a metric measures such data.

    Args:
        name: what the metric is called in the message.
        metric: its class and the classes that it is derived from, nearest first, by their full names.
        data: the same of the data.

    Raises:
        UsageError: with the metrics that do.
    """
    needed = next((NEEDS[known] for known in metric if known in NEEDS), None)
    sources = list(data)
    if needed is None or not set(needed).isdisjoint(sources):
        return
    fitting = next((FITTING[source] for source in sources if source in FITTING), "[fd_classifier]")
    source = sources[0].split(".")[-1]
    raise UsageError(f"{name} measures {_WORDS[needed[0]]}, and the data are {source}: set metrics={fitting}")


def lineage(made: object) -> list[str]:
    """The full names of an object's class and of those that it is derived from, nearest first."""
    return [f"{base.__module__}.{base.__qualname__}" for base in type(made).__mro__]
