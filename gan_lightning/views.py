"""Which pictures and measures go with which data; imports no torch."""

from pathlib import Path
from typing import Any

from gan_lightning.classifiers.catalogue import CATALOGUE, find
from gan_lightning.data.kinds import check_mixture
from gan_lightning.errors import UsageError
from gan_lightning.metrics.fitting import DENSITY, IMAGES, POINTS, check_fits
from gan_lightning.metrics.published import SOURCE


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
    source = [config["data"]["_target_"], IMAGES if len(shape) == 3 else POINTS]
    for name, metric in config.get("metrics", {}).items():
        check_fits(f"metrics.{name!s}", [metric["_target_"]], source)
        if metric["_target_"] == DENSITY:
            check_mixture(config["data"]["kind"])
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
        weights = inception["weights"]
        raise UsageError(f"metrics.inception.weights={weights}: there is no such file; fetch {SOURCE}")


def _instead(shape: tuple[int, ...]) -> str:
    if shape == (2,):
        return "use samples=scatter"
    return "use samples=grid" if len(shape) == 3 and shape[0] in (1, 3) else "remove it with ~callbacks.samples"
