"""Which pictures a folder holds, of which classes, and a fingerprint that changes when they do."""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from gan_lightning.errors import UsageError

SUFFIXES = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})


class Listing(NamedTuple):
    """The pictures of a folder in a fixed order."""

    paths: list[str]
    """Relative to the folder, sorted."""
    classes: list[str]
    """The folder's immediate subfolders that hold pictures, sorted; empty if the pictures lie in the folder itself."""
    labels: list[int] | None
    """Index into `classes` of each picture, or None without classes."""
    fingerprint: str
    """Hexadecimal sha256 over the folder's place and every picture's path, size and time of change."""


def check_folder(root: Path, knob: str = "data.root") -> None:
    """Look for a first picture, without listing them all; `knob` is where the folder is set.

    Raises:
        UsageError: no folder, nothing in it, or something in it that cannot be read.
    """
    if not root.is_dir():
        raise UsageError(f"{root} is not a folder: set {knob}=FOLDER, a folder with pictures")
    if not holds_pictures(root):
        suffixes = " ".join(sorted(SUFFIXES))
        raise UsageError(f"{root} holds no pictures ({suffixes}): set {knob}=FOLDER, a folder with pictures")


def holds_pictures(root: Path) -> bool:
    """Whether a folder has a picture at any depth. Raises UsageError where something in it cannot be read."""
    with _readable():
        return next(_walk(str(root), ()), None) is not None


def has_classes(root: Path) -> bool:
    """Whether a folder's pictures lie in two subfolders or more, a class each; UsageError where it cannot be read."""
    with _readable(), os.scandir(root) as entries:
        classes = (entry for entry in entries if entry.is_dir() and holds_pictures(Path(entry.path)))
        return len(list(islice(classes, 2))) == 2


def list_pictures(root: Path) -> Listing:
    """Every picture under `root`, at any depth; links are followed, names that start with a dot are left out.

    Raises:
        UsageError: no folder, nothing in it, something in it that cannot be read or is a FIFO, a socket or a device
            under a picture's name, or pictures both in it and in its subfolders.
    """
    check_folder(root)
    prefix = os.path.join(root, "")
    with _readable():
        found = sorted((entry.path.removeprefix(prefix), entry.stat()) for entry in _walk(str(root), ()))
    for path, status in found:
        if not stat.S_ISREG(status.st_mode):  # opened, a FIFO would wait for a writer
            raise UsageError(f"{root / path} is no picture, for it is no regular file: remove it")
    paths = [path for path, _ in found]
    loose = [path for path in paths if os.sep not in path]
    if loose and len(loose) < len(paths):
        deeper = next(path for path in paths if os.sep in path)
        raise UsageError(
            f"{root} holds pictures itself ({loose[0]}) and in subfolders ({deeper}): "
            "move all of them into subfolders, one a class, or all into one folder"
        )
    parents = [] if loose else [path.split(os.sep, 1)[0] for path in paths]
    classes = sorted(set(parents))
    index = {name: label for label, name in enumerate(classes)}
    digest = hashlib.sha256(os.fsencode(root.resolve()))
    for path, status in found:
        digest.update(b"\0%s\0%d\0%d" % (os.fsencode(path), status.st_size, status.st_mtime_ns))
    return Listing(paths, classes, [index[parent] for parent in parents] or None, digest.hexdigest())


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be read ({error.strerror}): mend or remove it") from error


def _walk(folder: str, above: tuple[str, ...]) -> Iterator[os.DirEntry[str]]:
    here = os.path.realpath(folder)
    if here in above:  # a link to a folder that it lies in would never end
        return
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir():
                yield from _walk(entry.path, (*above, here))
            elif os.path.splitext(entry.name)[1].lower() in SUFFIXES:
                yield entry
