"""What several verbs take, and checks that typer has none of; imports no torch."""

import sys
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer

from gan_lightning.errors import UsageError

RunArgument: TypeAlias = Annotated[
    Path, typer.Argument(metavar="RUN", help="A run, one of its checkpoints, or last.", show_default=False)
]
SeedOption: TypeAlias = Annotated[
    int, typer.Option("--seed", metavar="N", help="Of the latents.", min=0, max=2**32 - 1)
]
WeightsOption: TypeAlias = Annotated[
    Literal["ema", "raw"] | None,
    typer.Option("--weights", help="The averaged or the raw generator.", show_default="ema, where one is kept"),
]
OutOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--out", metavar="PATH", help="What to write, which must not be there.", show_default="in RUN/inference"
    ),
]


def check_above_zero(option: str, value: float | None, most: float = sys.float_info.max) -> None:
    """Raise UsageError unless the value is None, or finite, above zero and at most `most`."""
    if value is not None and not 0 < value <= most:
        limit = f" and at most {most:g}" if most < sys.float_info.max else ""
        raise UsageError(f"{option} {value:g}: it must be a number above 0{limit}")
