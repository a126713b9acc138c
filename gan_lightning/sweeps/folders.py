"""The folders of a sweep's jobs: each belongs to one set of overrides, whatever the job's number is this time."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from gan_lightning.errors import UsageError
from gan_lightning.runs.status import Status, read_status, write_status
from gan_lightning.sweeps.naming import folder_name


def jobs(sweep: Path) -> Iterator[tuple[Path, Status]]:
    """Every job's folder, by number and name, and its status."""
    found = [(path, read_status(path)) for path in sweep.iterdir() if path.is_dir() and not path.name.startswith(".")]
    for path, status in sorted(found, key=lambda one: (_number(one[0].name), one[0].name)):
        if status is not None:
            yield path, status


def find(sweep: Path, overrides: list[str]) -> tuple[Path, Status] | None:
    """The folder of the job with these overrides, if it has begun before."""
    return next(((path, status) for path, status in jobs(sweep) if status.overrides == overrides), None)


def claim(sweep: Path, number: int, status: Status) -> Path:
    """A clean folder for a job: what an earlier attempt at it has left is removed. It appears with its status in it.

    Raises:
        UsageError: the sweep's folder can't be written to; nothing is left there then.
    """
    earlier = find(sweep, status.overrides)
    if earlier is not None:
        shutil.rmtree(earlier[0])
    name = folder_name(number, status.varied)
    draft = sweep / f".{number}.{os.getpid()}"
    try:
        draft.mkdir()
        write_status(draft, status)
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        told = f"{sweep} can't be written to: {error.strerror}"
        raise UsageError(f"{told}; make room, then sweep.resume={sweep} behind the same command goes on") from error
    for attempt in range(1000):
        path = sweep / (f"{name}~{attempt}" if attempt else name)
        try:
            os.rename(draft, path)
            return path
        except OSError:  # another job's, under the same shortened name
            continue
    raise FileExistsError(f"{sweep / name} and a thousand like it")


def _number(name: str) -> float:
    number = name.partition("_")[0]
    return int(number) if number.isdigit() else float("inf")
