"""The files of a result, written whenever a job ends: tables, pictures and the page."""

import sys
import traceback
from pathlib import Path

from gan_lightning.errors import UsageError
from gan_lightning.files import replace_bytes, replace_text
from gan_lightning.sweeps.locks import waiting
from gan_lightning.sweeps.plan import LOCKS, read_plan
from gan_lightning.sweeps.result import Result, sweep_result


def write_sweep(folder: Path) -> Path:
    """Write a sweep's results into its folder, one process at a time; returns the page.

    Raises:
        UsageError: it is no sweep's folder.
        OSError: it can't be written to.
    """
    read_plan(folder)  # a folder that is no sweep's gets no lock
    with waiting(folder / LOCKS / "results.lock"):
        return write_result(sweep_result(folder), folder)


def write_result(result: Result, folder: Path) -> Path:
    """Write tables, pictures and the page into a folder; returns the page."""
    from gan_lightning.sweeps.curves import curve_pictures  # takes a second: matplotlib
    from gan_lightning.sweeps.heat_map import heat_maps
    from gan_lightning.sweeps.page import page
    from gan_lightning.sweeps.sheet import contact_sheet
    from gan_lightning.sweeps.tables import csv_table, markdown

    folder.mkdir(parents=True, exist_ok=True)
    replace_text(folder / "results.csv", csv_table(result))
    replace_text(folder / "results.md", markdown(result))
    maps = dict(heat_maps(result))
    sheet = contact_sheet(result)
    pictures = {**maps, **curve_pictures(result)} | ({} if sheet is None else {"samples.png": sheet})
    for name, png in pictures.items():
        replace_bytes(folder / name, png)
    replace_text(folder / "report.html", page(result, maps))
    return folder / "report.html"


def try_to_write(folder: Path) -> None:
    """The same of a sweep that is running: what goes wrong is told, and no job is lost by it."""
    try:
        write_sweep(folder)
    except Exception as error:
        if not isinstance(error, OSError | UsageError):
            traceback.print_exc()
        message = f"gan_lightning: the results in {folder} are not written: {' '.join(str(error).split())}"
        print(message, file=sys.stderr, flush=True)
