"""The one exception for what a user can mend, and how it is told."""

import sys
from pathlib import Path


class UsageError(Exception):
    """A mistake in what was asked for: the message is one line that says what to do.

    The entry point prints it on stderr and exits with code 2; nothing else may be lost by it.
    """

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


class UsageWarning(UserWarning):
    """Something that rarely is what was meant, or that is done without; one line, with what to do."""


class Diverged(Exception):
    """A run came to numbers that aren't finite: the message is one line that says which, when, and what to do.

    The entry point prints it on stderr and exits with code 1.
    """


class RankFailed(Exception):
    """Another process of the run has failed: the message is one line that says which one and why.

    The entry point prints it on stderr and exits with code 1.
    """


class GoBack(Exception):
    """The guard's: the run is to go on from an earlier checkpoint, by the same trainer and processes."""

    def __init__(self, checkpoint: Path) -> None:
        super().__init__(f"going back to {checkpoint}")
        self.checkpoint = checkpoint


def say(message: str) -> int:
    """Print a mistake on stderr; returns the exit code for one, 2."""
    print(f"gan_lightning: {message}", file=sys.stderr)
    return 2
