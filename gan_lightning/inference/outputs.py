"""Where a verb writes: never over something else, and every file whole or not at all; imports no torch."""

import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from gan_lightning.errors import UsageError
from gan_lightning.folders import missing, remove_empty
from gan_lightning.runs.run import Run

FOLDER = "inference"
"""Of a run, for what is made of it afterwards."""


def check_target(run: Run, out: Path | None, suffixes: Sequence[str]) -> None:
    """Refuse a place that can't be written to, before anything is computed.

    Args:
        run: in whose folder the pictures are if `out` is None.
        out: what the command line asks for, with the first suffix; files of the others lie beside it.
        suffixes: of the files that will be written, "" for a folder.

    Raises:
        UsageError: something is there already, the suffix is another, or nothing can be written there.
    """
    if out is None:
        return _check_writable(run.folder / FOLDER, "add --out with a place that can be written")
    if suffixes[0] and out.suffix != suffixes[0]:
        raise UsageError(f"--out {out}: it is written as {suffixes[0]}, so end its name in {suffixes[0]}")
    for path in _named(out, suffixes):
        if path.exists() or path.is_symlink():
            raise UsageError(f"--out {out}: {path} is there already: remove it, or choose another name")
    _check_writable(out.expanduser().absolute().parent, "choose another --out")


def targets(run: Run, out: Path | None, name: str, suffixes: Sequence[str]) -> list[Path]:
    """The files to write, one a suffix: `out` and what lies beside it, or `name` in the run's folder for such files.

    A name says all that decides what is in the file, so that the same name means the same content.
    """
    return _named(out.expanduser() if out is not None else run.folder / FOLDER / name, suffixes)


@contextmanager
def whole(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """Other names to write under; at the end, and only if nothing failed, they become `paths`.

    A folder that exists already keeps what else is in it. Folders that were made for nothing are removed again.

    Raises:
        UsageError: they can't be written.
    """
    unfinished = [path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp") for path in paths]
    made = missing(paths[0].absolute().parent)
    try:
        paths[0].parent.mkdir(parents=True, exist_ok=True)
        yield unfinished
        for path, ready in zip(paths, unfinished, strict=True):
            _publish(ready, path)
    except OSError as error:
        raise UsageError(f"{paths[0]} can't be written ({error.strerror or error}): choose another --out") from error
    finally:
        for path in unfinished:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif path.exists():
                path.unlink()
        remove_empty(made)


def _named(base: Path, suffixes: Sequence[str]) -> list[Path]:
    stem = base.name.removesuffix(suffixes[0]) if suffixes[0] else base.name
    return [base.with_name(stem + suffix) for suffix in suffixes]


def _publish(ready: Path, path: Path) -> None:
    if ready.is_dir() and path.is_dir():
        for file in ready.iterdir():
            os.replace(file, path / file.name)
    else:
        os.replace(ready, path)


def _check_writable(folder: Path, advice: str) -> None:
    nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not nearest.is_dir():
        raise UsageError(f"{nearest} is a file, no folder: {advice}")
    if not os.access(nearest, os.W_OK):
        raise UsageError(f"{nearest} can't be written to: {advice}")
