"""`python -m gan_lightning evaluate RUN_OR_FOLDER`: figures of what is already there."""

from pathlib import Path
from typing import Annotated

import typer

from gan_lightning.heavy import import_torch


def evaluate(
    subject: Annotated[
        Path,
        typer.Argument(metavar="RUN_OR_FOLDER", help="A run, a checkpoint, last, or a folder of pictures."),
    ],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(metavar="[KEY=VALUE]...", help="As in training: metrics=fid, data=mnist, data.root=FOLDER."),
    ] = None,
    repeats: Annotated[int, typer.Option(min=1, max=1000, help="Of each figure of a run, each with other noise.")] = 3,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Where to add the records.",
            show_default="metrics.jsonl in RUN, or in FOLDER_evaluation",
        ),
    ] = None,
) -> None:
    """Measure a run, a checkpoint or a folder of pictures, each figure beside the floor that real images reach.

    A run is compared with its own data by its own metrics, unless metrics=NAME asks for others. A folder of pictures
    needs data=NAME.
    """
    from gan_lightning.evaluation.find import find  # here and not above: Hydra takes as long as the rest
    from gan_lightning.evaluation.plan import plan

    found = find(subject)
    config = plan(found, overrides or [])
    from dataclasses import asdict

    import_torch()
    from gan_lightning.evaluation.evaluate import evaluate as measure
    from gan_lightning.quiet import quieten
    from gan_lightning.report import table

    quieten()
    records, path = measure(found, config, repeats, out)
    print("\n".join(table([asdict(record) for record in records])))
    print(f"added to {path}")
