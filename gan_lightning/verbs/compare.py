"""`python -m gan_lightning compare RUN...`: any runs side by side."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from gan_lightning.errors import UsageError
from gan_lightning.runs.run import CONFIG, LAST, find_run

_OUT = "Where to write; it must be empty, or an earlier comparison's."
_RUNS = "Two runs or more: folders, checkpoints, or last."
_OBJECTIVE = "The figure to compare by, ema/share2500 say."
_PAGE = "report.html"


def compare(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help=_RUNS)],
    objective: Annotated[
        str | None, typer.Option(metavar="NAME", help=_OBJECTIVE, show_default="the usual one")
    ] = None,
    mode: Annotated[
        Literal["min", "max"] | None, typer.Option(help="Which is better.", show_default="what the figure is by nature")
    ] = None,
    out: Annotated[Path, typer.Option(metavar="FOLDER", help=_OUT)] = Path("outputs", "comparison"),
) -> None:
    """Write tables, curves, samples and a page of any runs, with what their configs differ in.

    Runs that differ by their seed alone are taken together.
    """
    from gan_lightning.sweeps.result import runs_result
    from gan_lightning.sweeps.write import write_result

    runs = [find_run(run).folder if run.is_file() or str(run) == LAST else run for run in runs]
    _check(runs, out)
    result = runs_result(runs, objective, mode)
    if objective is not None and result.objective is None:
        raise UsageError(f"--objective {objective}: no run has it at its end; there is {', '.join(result.figures)}")
    try:
        page = write_result(result, out)
    except OSError as error:
        raise UsageError(f"{out} can't be written to: {error.strerror}; name another with --out") from error
    print((out / "results.md").read_text())
    print(f"the page is {page}")


def _check(runs: list[Path], out: Path) -> None:
    for run in runs:
        if not (run / CONFIG).is_file():
            raise UsageError(f"{run} is no run's folder, for it has no {CONFIG}")
    if len({run.resolve() for run in runs}) < 2:
        raise UsageError("name two runs or more: there is nothing to compare")
    if out.is_dir() and any(out.iterdir()) and not (out / _PAGE).is_file():
        raise UsageError(f"{out} is not empty: name another folder with --out")
