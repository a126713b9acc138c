"""`python -m gan_lightning explain VARIANT`: what a variant is, what it is for, and where its settings come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from gan_lightning.variants import Card, Setting

_NAME = "One of those that model=NAME trains; without it, all of them in a line each."


def explain(
    variant: Annotated[str | None, typer.Argument(metavar="[VARIANT]", help=_NAME, show_default=False)] = None,
) -> None:
    """Say what a variant plays for: objectives, what it mends, how it fails, its paper, and its settings' sources."""
    from gan_lightning.variants import (  # here and not above: YAML takes as long as the rest
        card,
        fitting_data,
        recipes,
        settings,
    )

    console = Console(highlight=False)
    if variant is None:
        console.print(_all())
        return
    known = card(variant)
    console.print(_facts(variant, known))
    console.print(_table("model=" + variant, settings(variant)))
    for data, changes in recipes(variant).items():
        console.print(_table(f"and with data={data}", changes))
    console.print(f"\nTrain it: python -m gan_lightning model={variant} data={fitting_data(variant)}", style="bold")


def _all() -> Table:
    from gan_lightning.variants import card, names

    table = Table(box=None, pad_edge=False, show_header=False)
    for name in names():
        table.add_row(Text(name, style="bold"), Text(card(name).title))
    return table


def _facts(variant: str, known: Card) -> Group:
    grid = Table.grid(padding=(0, 2))
    for name, fact in known.facts.items():
        grid.add_row(Text(name, style="bold"), Text(fact))
    return Group(Text(known.title, style="bold"), Text(), grid)


def _table(title: str, rows: list[Setting]) -> Table:
    table = Table(title=f"\n{title}", title_justify="left", box=None, pad_edge=False, title_style="bold")
    for column in ("setting", "value", "set in conf/"):
        table.add_column(column, no_wrap=True)
    for row in rows:
        table.add_row(Text(row.key), Text(str(row.value)), Text(row.file))
    return table
