"""The verbs of the command line, `python -m gan_lightning VERB ...`, each a function in a file of its own name here.

Only the file of the verb that is asked for is imported, and it imports torch only when the verb runs.
"""

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import Any

import typer

from gan_lightning.errors import UsageError

VERBS = (
    *(
        "classifier",
        "compare",
        "completion",
        "directions",
        "evaluate",
        "explain",
        "export",
        "info",
        "interpolate",
        "invert",
    ),
    *("report", "runs", "sample", "translate"),
)
"""Their names."""

_MISTAKE: type[Exception] = typer.BadParameter.__bases__[0]  # typer's usage error, whichever library defines it


def run(arguments: Sequence[str]) -> int:
    """Do what the first argument says with the others; the exit code.

    Raises:
        UsageError: there is no such verb, it doesn't take these arguments, or it can't do what they ask for.
    """
    name, *others = arguments
    if name not in VERBS:
        raise _unknown(name)
    try:
        return command_of(name).main(others, prog_name=f"python -m gan_lightning {name}", standalone_mode=False) or 0
    except _MISTAKE as error:
        reason = error.format_message()  # type: ignore[attr-defined]
        raise UsageError(f"{name}: {reason.rstrip('.')}; {name} --help shows what it takes") from error


def command_of(name: str) -> Any:
    """A verb as typer's command."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(find(name))
    return typer.main.get_command(app)


def find(name: str) -> Callable[..., None]:
    """The function that does what a verb says."""
    function: Callable[..., None] = getattr(import_module(f"gan_lightning.verbs.{name}"), name)
    return function


def _unknown(name: str) -> UsageError:
    from gan_lightning import schema  # YAML takes as long as the rest

    options = [f"{group}={name}" for group in schema.groups() if name in schema.options(group)]
    close = get_close_matches(name, VERBS, n=1) or options
    hint = f", did you mean {close[0]}?" if close else ""
    return UsageError(f"{name}: no such verb{hint}; there is {', '.join(VERBS)}, and KEY=VALUE trains a GAN")
