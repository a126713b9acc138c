"""What stands on the command line beside Hydra's overrides and flags."""

from collections.abc import Sequence

RESUME = "resume"
"""A key of the command line alone."""
_KEY = f"{RESUME}="


def asked(arguments: Sequence[str]) -> str | None:
    """The RUN of a command line's `resume=RUN`; None if it has none."""
    return next(iter(all_asked(arguments)), None)


def all_asked(arguments: Sequence[str]) -> list[str]:
    """The RUN of each `resume=RUN`."""
    return [argument.removeprefix(_KEY) for argument in arguments if argument.startswith(_KEY)]
