"""What a benchmark is asked to measure."""

import sys
from collections.abc import Collection


def named(there: Collection[str], otherwise: Collection[str] | None = None) -> list[str]:
    """The names on the command line; `otherwise`, or all that there are, where it has none. As `among` for the rest."""
    return among(sys.argv[1:], there) or list(there if otherwise is None else otherwise)


def among(names: list[str], there: Collection[str]) -> list[str]:
    """The names, all of which there are.

    Raises:
        SystemExit: 2, and a line on stderr, where one is unknown.
    """
    if unknown := [name for name in names if name not in there]:
        print(f"{', '.join(unknown)}: no such thing to measure; there is {', '.join(there)}", file=sys.stderr)
        raise SystemExit(2)
    return names
