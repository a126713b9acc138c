"""Which runs pictures can be made of; imports no torch."""

from gan_lightning.data.sources import PAIRS, shape_of
from gan_lightning.errors import UsageError
from gan_lightning.runs.run import CONFIG, Run


def drawable_shape(run: Run) -> tuple[int, ...]:
    """The shape of a run's samples: (2,), or (C, S, S) with one or three channels.

    Raises:
        UsageError: the run's config is damaged, or its samples have another shape.
    """
    try:
        shape = shape_of(run.config.data)
    except (KeyError, TypeError) as error:
        raise UsageError(f"{run.folder / CONFIG} can't be read as a run's config: its data are damaged") from error
    if shape == (2,) or (shape is not None and len(shape) == 3 and shape[0] in (1, 3)):
        return shape
    raise UsageError(f"pictures are made of images and of points in the plane, and this run's samples are {shape}")


def translated_shape(run: Run) -> tuple[int, ...]:
    """The shape (C, S, S) of the pictures that a run translates.

    Raises:
        UsageError: it translates points, or nothing, or its config is damaged.
    """
    shape = drawable_shape(run)
    if PAIRS not in run.config.get("needs", []):
        raise UsageError(f"{run.folder} is no run of model=cyclegan, and no other translates")
    if len(shape) != 3:
        raise UsageError(f"{run.folder} translates points, and folders hold pictures: use sample or invert")
    return shape
