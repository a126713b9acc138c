"""`python -m gan_lightning report SWEEP`: the results of a sweep, written again."""

from pathlib import Path
from typing import Annotated

import typer

from gan_lightning.errors import UsageError


def report(
    sweep: Annotated[Path, typer.Argument(metavar="SWEEP", help="The folder that a sweep made.")],
) -> None:
    """Write the results of a sweep again, from what is in its folder: finished, half done, or running.

    results.csv, results.md, heat maps, curves, samples.png and report.html.
    """
    from gan_lightning.sweeps.write import write_sweep

    try:
        page = write_sweep(sweep)
    except OSError as error:
        raise UsageError(f"{sweep} can't be written to: {error.strerror}") from error
    print((sweep / "results.md").read_text())
    print(f"the page is {page}")
