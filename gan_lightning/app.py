"""The command line: a verb is done, anything else trains. Mistakes get one line and exit code 2.

Nothing is imported that the command line at hand doesn't need: help and mistakes answer at once.
"""

import sys

from gan_lightning.errors import UsageError, say
from gan_lightning.heavy import own_process
from gan_lightning.leaving import leave_at_once, leave_quietly


def main() -> int:
    """Do what the command line says; the exit code, 2 for a mistake in what was asked for."""
    if len(sys.argv) > 1 and names_a_verb(sys.argv[1]):
        return _do(sys.argv[1:])
    from gan_lightning.launch import launch

    return launch()


def console() -> None:
    """The `gan-lightning` command."""
    leave_quietly()
    own_process()
    leave_at_once(_code())


def _code() -> int:
    """What `main` returns, or some of it ends the process with."""
    try:
        return main()
    except SystemExit as end:
        if end.code is not None and not isinstance(end.code, int):
            raise  # with a message, which Python prints
        return end.code or 0


def names_a_verb(argument: str) -> bool:
    """Whether a command line's first argument is a plain word; Hydra's have a `=`, or start with -, + or ~."""
    return argument != "" and "=" not in argument and argument[0] not in "-+~"


def _do(arguments: list[str]) -> int:
    from gan_lightning.verbs.app import run

    try:
        return run(arguments)
    except UsageError as error:
        return say(str(error))
