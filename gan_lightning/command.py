"""What this command line has begun: its end depends on it, and need not import what began it."""

from pathlib import Path
from typing import IO

runs: list[int] = []
"""Not empty once the command line's one run has begun."""
made: list[Path] = []
"""Folders made for the command line's one run, innermost first."""
sweep: list[Path] = []
"""The folder of the command line's sweep, once it has begun."""
sweep_made: list[Path] = []
"""The same, if the sweep is a new one, and the folders above it that weren't there before, innermost first."""
held: list[IO[str]] = []
"""The sweep's lock."""


def forget() -> None:
    """Let go of an earlier command line of this process."""
    for file in held:
        file.close()
    for noted in (runs, made, sweep, sweep_made, held):
        noted.clear()
