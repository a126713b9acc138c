"""`python -m gan_lightning info`: versions, devices, and which data are found."""

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gan_lightning.surroundings import data, devices, networks, versions

_ROOT = "Where sets are looked for."


def info(
    root: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help=_ROOT, show_default="GAN_LIGHTNING_DATA, or data/")
    ] = None,
) -> None:
    """Show what a run would find here: versions, devices, data, and networks that measure. A report of a bug has it."""
    folder = (root or Path(os.environ.get("GAN_LIGHTNING_DATA", "data"))).expanduser()
    console = Console(highlight=False)
    console.print(_section("versions", versions()))
    console.print(_section("data", data(folder)))
    console.print(_section("devices", devices()))  # takes seconds, so what doesn't came first
    console.print(_section("networks that measure", networks()))


def _section(title: str, rows: dict[str, str]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, show_header=False)
    for name, value in rows.items():
        table.add_row(Text(name), Text(value, overflow="fold"))
    return table
