"""Whose fault it is: the part of a run, not of this package, that an exception came out of."""

import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from gan_lightning.build import OWN, in_brief
from gan_lightning.errors import Diverged, GoBack, RankFailed, UsageError
from gan_lightning.runs.whole import offer

_TOLD = (UsageError, Diverged, RankFailed, GoBack)
"""What says itself what to do."""


def foreign(parts: Mapping[str, object]) -> dict[str, object]:
    """Those parts, by their places, whose classes are not this package's."""
    return {place: part for place, part in parts.items() if not type(part).__module__.startswith(OWN)}


@contextmanager
def telling_whose(parts: Mapping[str, object]) -> Iterator[None]:
    """Raise UsageError, with the place, for what is raised inside one of the parts: not all suit a game."""
    try:
        yield
    except _TOLD:
        raise
    except Exception as error:
        for frame in _frames(error):
            for place, part in parts.items():
                if frame.f_locals.get("self") is part:
                    told = f"{place} ({type(part).__name__}) can't go on: {in_brief(error).rstrip('.')}"
                    raise UsageError(f"{told}; mend it, or leave it out with ~{place}") from error
        raise


@contextmanager
def restoring(checkpoint: Path | None, restorer: object) -> Iterator[None]:
    """Raise UsageError, with the newest whole checkpoint, for what is raised where one's state is given back.

    Args:
        checkpoint: the file; None where there is nothing to give back.
        restorer: Lightning's object that does it, apart from each part's own `load_state_dict`.
    """
    try:
        yield
    except _TOLD:
        raise
    except Exception as error:
        if checkpoint is None or not any(_gives_back(frame, restorer) for frame in _frames(error)):
            raise
        told = f"{checkpoint} can't be gone on from: {type(error).__name__}: {in_brief(error).rstrip('.')}"
        raise UsageError(f"{told}; {offer(checkpoint)}") from error


def _gives_back(frame: FrameType, restorer: object) -> bool:
    return frame.f_locals.get("self") is restorer or frame.f_code.co_name == "load_state_dict"


def _frames(error: BaseException) -> list[FrameType]:
    return [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
