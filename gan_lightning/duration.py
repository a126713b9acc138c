"""How long a run may train, as the trainer's max_time says it."""

from datetime import timedelta

from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch.callbacks import Timer
from omegaconf import DictConfig, OmegaConf

from gan_lightning.errors import UsageError


def seconds_of(trainer: DictConfig) -> float | None:
    """The seconds of `max_time`: DD:HH:MM:SS, or parts of a duration by their names; None where there is no limit.

    Raises:
        UsageError: it is neither.
    """
    written = trainer.get("max_time")
    if written is None:
        return None
    try:
        if isinstance(written, DictConfig):
            return timedelta(**OmegaConf.to_container(written)).total_seconds()  # type: ignore[arg-type]
        return Timer(str(written)).time_remaining()
    except (MisconfigurationException, TypeError, OverflowError) as error:
        told = f"trainer.max_time={written}: must be DD:HH:MM:SS, as in 00:12:00:00, or null"
        raise UsageError(told) from error
