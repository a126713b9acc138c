"""Files that are there completely or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def replace_bytes(path: Path, content: bytes) -> None:
    """Write a file under another name beside it and put it in the place of `path` when it is complete."""
    with _beside(path, str(os.getpid())) as part:
        part.write_bytes(content)


def replace_text(path: Path, text: str) -> None:
    """The same of text."""
    replace_bytes(path, text.encode())


@contextmanager
def unfinished(path: Path) -> Iterator[Path]:
    """Another name beside `path` to write a file under, which gets its own when it is complete on the disk.

    For a folder that one process at a time writes in: what a killed one left half-written, the next one replaces.
    """
    with _beside(path, "part") as part:
        yield part


def overwrite_text(path: Path, text: str) -> None:
    """Write over what stands in a small file, in the room that it has: on a full disk there is no other.

    Raises:
        OSError: there is no such file, or it has not room enough.
    """
    content = text.encode()
    with path.open("r+b", buffering=0) as file:
        file.write(content)
        file.truncate(len(content))
        os.fsync(file.fileno())


@contextmanager
def _beside(path: Path, ending: str) -> Iterator[Path]:
    part = path.with_name(f".{path.name}.{ending}")
    try:
        yield part
        sync(part)
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def sync(path: Path) -> None:
    """Have a file on the disk; of a folder the names in it, which then stay even if the machine loses its power."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
