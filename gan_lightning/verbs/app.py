"""The verbs of the command line, `python -m gan_lightning VERB ...`: registered here, each in a file of its own.

Nothing here imports torch, and a verb's file does so only when the verb runs: help and mistakes answer at once.
"""

from collections.abc import Sequence
from difflib import get_close_matches

import typer

from gan_lightning import schema
from gan_lightning.errors import UsageError
from gan_lightning.verbs.classifier import classifier
from gan_lightning.verbs.compare import compare
from gan_lightning.verbs.directions import directions
from gan_lightning.verbs.evaluate import evaluate
from gan_lightning.verbs.explain import explain
from gan_lightning.verbs.export import export
from gan_lightning.verbs.info import info
from gan_lightning.verbs.interpolate import interpolate
from gan_lightning.verbs.invert import invert
from gan_lightning.verbs.report import report
from gan_lightning.verbs.sample import sample

_ALL = (classifier, compare, directions, evaluate, explain, export, info, interpolate, invert, report, sample)
VERBS = {verb.__name__: verb for verb in _ALL}
"""What each verb calls, by name."""

_MISTAKE: type[Exception] = typer.BadParameter.__bases__[0]  # typer's usage error, whichever library defines it

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
for _verb in VERBS.values():
    app.command()(_verb)


@app.callback()
def verbs() -> None:
    """Verbs; without one, `python -m gan_lightning` trains a GAN, and its --help is about that."""


def run(arguments: Sequence[str]) -> int:
    """Do what the first argument says with the others; the exit code.

    Raises:
        UsageError: there is no such verb, it doesn't take these arguments, or it can't do what they ask for.
    """
    name = arguments[0]
    if name not in VERBS:
        options = [f"{group}={name}" for group in schema.groups() if name in schema.options(group)]
        close = get_close_matches(name, VERBS, n=1) or options
        hint = f", did you mean {close[0]}?" if close else ""
        raise UsageError(f"{name}: no such verb{hint}; there is {', '.join(VERBS)}, and KEY=VALUE trains a GAN")
    try:
        return app(list(arguments), prog_name="python -m gan_lightning", standalone_mode=False) or 0
    except _MISTAKE as error:
        reason = error.format_message()  # type: ignore[attr-defined]
        raise UsageError(f"{name}: {reason.rstrip('.')}; {name} --help shows what it takes") from error
