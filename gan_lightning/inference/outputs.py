"""Where a verb writes: never over something else, and every file whole or not at all; imports no torch."""

import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from gan_lightning.errors import UsageError
from gan_lightning.folders import check_writable, missing, remove_empty
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
        return check_writable(run.folder / FOLDER, "add --out with a place that can be written")
    if suffixes[0] and out.suffix != suffixes[0]:
        raise UsageError(f"--out {out}: it is written as {suffixes[0]}, so end its name in {suffixes[0]}")
    for path in _named(out, suffixes):
        if path.exists() or path.is_symlink():
            raise UsageError(f"--out {out}: {path} is there already: remove it, or choose another name")
    check_writable(out.expanduser().absolute().parent, "choose another --out")


def targets(run: Run, out: Path | None, name: str, suffixes: Sequence[str]) -> list[Path]:
    """The files to write, one a suffix: `out` and what lies beside it, or `name` in the run's folder for such files."""
    return _named(out.expanduser() if out is not None else run.folder / FOLDER / name, suffixes)


@contextmanager
def whole(paths: list[Path]) -> Iterator[list[Path]]:
    """Other names to write under; at the end, and only if nothing failed, they become `paths`.

    What is there stays: where it is the same to the bit, it is left; else `paths` are changed to `NAME-2`, and so on.
    Folders that were made for nothing are removed again.

    Raises:
        UsageError: they can't be written.
    """
    unfinished = [path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp") for path in paths]
    made = missing(paths[0].absolute().parent)
    try:
        paths[0].parent.mkdir(parents=True, exist_ok=True)
        yield unfinished
        paths[:] = _vacant(paths, unfinished)
        for path, ready in zip(paths, unfinished, strict=True):
            if not path.exists():
                os.replace(ready, path)
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


def _vacant(paths: Sequence[Path], ready: Sequence[Path]) -> list[Path]:
    """The first names at which each file is not there, or is the same as what is ready."""
    for number in count(1):
        ending = "" if number == 1 else f"-{number}"
        named = [_ending(path, ending, file.is_dir()) for path, file in zip(paths, ready, strict=True)]
        if all(not path.exists() or _content(path) == _content(file) for path, file in zip(named, ready, strict=True)):
            return named
    raise AssertionError("numbers do not end")


def _ending(path: Path, ending: str, folder: bool) -> Path:
    """The name with an ending, before a file's suffix; what stands behind a folder's dot is no suffix."""
    return path.with_name(path.name + ending if folder else f"{path.stem}{ending}{path.suffix}")


def _content(path: Path) -> dict[str, bytes]:
    """Every file's bytes by its place below, the file's own by none."""
    if path.is_file():
        return {"": path.read_bytes()}
    return {str(file.relative_to(path)): file.read_bytes() for file in sorted(path.rglob("*")) if file.is_file()}
