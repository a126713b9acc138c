"""Which pictures and measures go with which data; imports no torch."""

from pathlib import Path
from typing import Any

from gan_lightning.classifiers.catalogue import CATALOGUE, find
from gan_lightning.errors import UsageError

_GAUSSIANS = "gan_lightning.data.gaussians.Gaussians"
_LINEAR = "gan_lightning.data.linear_gaussian.LinearGaussian"
_STACKED = "gan_lightning.data.stacked_mnist.StackedMNIST"
_POINTS = {_GAUSSIANS, _LINEAR}
_MEASURED = {
    "gan_lightning.metrics.modes.ModeCoverage": {_GAUSSIANS},
    "gan_lightning.metrics.divergence.JensenShannon": {_GAUSSIANS},
    "gan_lightning.metrics.moments.Moments": {_LINEAR},
    "gan_lightning.metrics.wasserstein.Wasserstein2": _POINTS,
    "gan_lightning.metrics.cross_entropy.CrossEntropy": _POINTS,
    "gan_lightning.metrics.stacked.StackedModes": {_STACKED},
}
"""The sources that some metrics are made for."""
_OF_IMAGES = ("gan_lightning.metrics.classifier.", "gan_lightning.metrics.inception.")
_FITTING = {_GAUSSIANS: "[modes,wasserstein]", _LINEAR: "[moments,cross_entropy]", _STACKED: "[stacked_modes]"}
"""What goes with a source; with other images, the features of a classifier."""


def check_grid(shape: tuple[int, ...]) -> None:
    """Raise UsageError unless samples are grey or RGB images (C, H, W)."""
    if len(shape) != 3 or shape[0] not in (1, 3):
        raise UsageError(f"a grid shows grey or RGB images, but the data has shape {shape}: {_instead(shape)}")


def check_scatter(shape: tuple[int, ...]) -> None:
    """Raise UsageError unless samples are points in the plane, (2,)."""
    if shape != (2,):
        raise UsageError(f"a scatter shows points in the plane, but the data has shape {shape}: {_instead(shape)}")


_PICTURES = {
    "gan_lightning.callbacks.grid.Grid": check_grid,
    "gan_lightning.callbacks.scatter.Scatter": check_scatter,
}


def check_views(config: Any, shape: tuple[int, ...]) -> None:
    """Check a composed config's pictures and measures against its data, of that shape. Raises UsageError."""
    for callback in config.get("callbacks", {}).values():
        if callback["_target_"] in _PICTURES:
            _PICTURES[callback["_target_"]](shape)
    source = config["data"]["_target_"]
    for name, metric in config.get("metrics", {}).items():
        suits = source not in _POINTS if metric["_target_"].startswith(_OF_IMAGES) else True
        if not suits or source not in _MEASURED.get(metric["_target_"], {source}):
            fitting = _FITTING.get(source, "[fd_classifier]")
            raise UsageError(f"metrics.{name!s} can't measure these data, of shape {shape}: set metrics={fitting}")
    check_extractors(config.get("metrics", {}), shape)


def check_extractors(metrics: Any, shape: tuple[int, ...]) -> None:
    """Raise UsageError where a classifier is unknown or sees other channels, or where weights are not there."""
    classifier, inception = metrics.get("classifier"), metrics.get("inception")
    if classifier is not None:
        if classifier["name"] is None:
            raise UsageError(f"metrics.classifier.name is not set: choose one of {', '.join(CATALOGUE)}")
        channels = find(classifier["name"]).channels
        if channels != shape[0]:
            fitting = [name for name, entry in CATALOGUE.items() if entry.channels == shape[0]]
            raise UsageError(
                f"metrics.classifier.name={classifier['name']} looks at images of {channels} channels, the data have "
                f"{shape[0]}: choose {' or '.join(fitting) or 'metrics=[fid]'}"
            )
    if inception is not None and inception["weights"] is not None and not Path(inception["weights"]).is_file():
        raise UsageError(f"metrics.inception.weights={inception['weights']}: there is no such file")


def _instead(shape: tuple[int, ...]) -> str:
    if shape == (2,):
        return "use samples=scatter"
    return "use samples=grid" if len(shape) == 3 and shape[0] in (1, 3) else "remove it with ~callbacks.samples"
