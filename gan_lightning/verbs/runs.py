"""`python -m gan_lightning runs`: what is in outputs/."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gan_lightning.errors import UsageError
from gan_lightning.runs.run import OUTPUTS

if TYPE_CHECKING:
    from gan_lightning.sweeps.catalogue import Entry

_WIDE = 300
_STYLES = {"finished": "green", "running": "cyan", "failed": "red", "diverged": "red", "killed": "red"}


def runs(
    root: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="Where to look, at any depth.")] = OUTPUTS,
    last: Annotated[int, typer.Option("--last", metavar="N", help="How many, the newest.", min=1, max=10**6)] = 20,
    all_: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
) -> None:
    """List runs, the newest first: state, variant, data, iterations, and the figure that each is usually judged by.

    Each can be given to sample, evaluate, compare and the other verbs, by its folder.
    """
    from gan_lightning.sweeps.catalogue import entries, folders

    found = folders(root)
    if not found:
        raise UsageError(f"{root} holds no runs: python -m gan_lightning trains one, or name another folder")
    shown = entries(found if all_ else found[:last])
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _WIDE  # a folder that is folded can't be copied
    console.print(_table(root, shown))
    if len(shown) < len(found):
        print(f"{len(found) - len(shown)} older ones are not shown: add --all, or --last N")


def _table(root: Path, shown: list[Entry]) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("run in " + str(root), "state", "model", "data"):
        table.add_column(name, overflow="fold")
    table.add_column("iterations", justify="right")
    for name in ("figure", "value", "floor"):
        table.add_column(name, overflow="fold")
    for entry in shown:
        state = Text(entry.state, style=_STYLES.get(entry.state, ""))
        others = map(Text, (entry.variant, entry.data, entry.iterations, *entry.figure))
        table.add_row(Text(str(entry.folder.relative_to(root))), state, *others)
    return table
