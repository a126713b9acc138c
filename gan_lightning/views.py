"""Which pictures and measures go with which data; imports no torch."""

from typing import Any

from gan_lightning.errors import UsageError

_GAUSSIANS = "gan_lightning.data.gaussians.Gaussians"
_LINEAR = "gan_lightning.data.linear_gaussian.LinearGaussian"
_MEASURED = {
    "gan_lightning.metrics.modes.ModeCoverage": {_GAUSSIANS},
    "gan_lightning.metrics.moments.Moments": {_LINEAR},
    "gan_lightning.metrics.wasserstein.Wasserstein2": {_GAUSSIANS, _LINEAR},
    "gan_lightning.metrics.cross_entropy.CrossEntropy": {_GAUSSIANS, _LINEAR},
}
"""The sources of points that each measure of points is made for."""
_FITTING = {_GAUSSIANS: "mixture", _LINEAR: "moments"}
"""The option of metrics that goes with each."""


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
        if source not in _MEASURED.get(metric["_target_"], {source}):
            fitting = _FITTING.get(source, "none")
            raise UsageError(f"metrics.{name!s} can't measure these data, of shape {shape}: set metrics={fitting}")


def _instead(shape: tuple[int, ...]) -> str:
    if shape == (2,):
        return "use samples=scatter"
    return "use samples=grid" if len(shape) == 3 and shape[0] in (1, 3) else "remove it with ~callbacks.samples"
