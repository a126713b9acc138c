"""Writing checkpoints so that whole ones are there at any moment, whatever stops the process or the disk.

A new one is written beside its place under another name, in the same folder, and is complete on the disk before it gets
its own. A sidecar that is there always belongs to the file that is there: the old one goes before the file is replaced,
the new one comes after it. Links move last.
"""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, final

import torch

from gan_lightning.errors import UsageError
from gan_lightning.files import sync
from gan_lightning.runs.sidecar import line, sidecar_of
from gan_lightning.runs.whole import numbered

_PART = ".part"


def store(checkpoint: Mapping[str, Any], path: Path) -> None:
    """Write a checkpoint and its sidecar; what a killed process left half-written goes first.

    Raises:
        UsageError: the disk is full, or can't be written to; what was there before is still there, and nothing else.
    """
    part, sidecar_part = _part_of(path), _part_of(sidecar_of(path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(path.parent)
        digest = _write(checkpoint, part)
        _write_text(sidecar_part, line(digest, path))
        sidecar_of(path).unlink(missing_ok=True)
        os.replace(part, path)
        os.replace(sidecar_part, sidecar_of(path))
        sync(path.parent)
    except OSError as error:
        _forget(part, sidecar_part)
        on = f"resume={path.parent.parent} goes on" if numbered(path.parent) else "start again"
        raise UsageError(
            f"{path} can't be written: {error.strerror}; what was there before is whole: make room, then {on}"
        ) from error
    except BaseException:
        _forget(part, sidecar_part)
        raise


def point(link: Path, path: Path) -> None:
    """Let `link` stand for `path`, a file in the same folder, from one moment to the next."""
    part = _part_of(link)
    part.unlink(missing_ok=True)
    part.symlink_to(path.name)
    os.replace(part, link)
    sync(link.parent)


def remove(path: Path) -> None:
    """Remove a checkpoint and its sidecar."""
    path.unlink(missing_ok=True)
    sidecar_of(path).unlink(missing_ok=True)


@final
class _HashingFile:
    """What torch writes to: passes bytes on, hashes them, and remembers what the disk said."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()
        self.error: BaseException | None = None

    def write(self, data: Any) -> int:
        """Write all of it."""
        try:
            self._file.write(data)
        except BaseException as error:  # torch's writer tells another story
            self.error = self.error or error
            raise
        self.digest.update(data)
        return memoryview(data).nbytes

    def flush(self) -> None:
        """Hand on what is buffered."""
        self._file.flush()


def _write(checkpoint: Mapping[str, Any], path: Path) -> str:
    """Write a checkpoint down to the disk; its sha256."""
    with path.open("wb") as file:
        hashing = _HashingFile(file)
        try:
            torch.save(checkpoint, hashing)  # type: ignore[arg-type]
        except Exception:
            if hashing.error is not None:
                raise hashing.error from None
            raise
        _sync(file)
    return hashing.digest.hexdigest()


def _write_text(path: Path, text: str) -> None:
    with path.open("wb") as file:
        file.write(text.encode())
        _sync(file)


def _sync(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _remove_leftovers(folder: Path) -> None:
    for part in folder.glob(f".*{_PART}"):
        part.unlink(missing_ok=True)
    for sidecar in folder.glob("[0-9]*.ckpt.sha256"):
        if not sidecar.with_suffix("").exists():
            sidecar.unlink(missing_ok=True)


def _forget(*parts: Path) -> None:
    for part in parts:
        part.unlink(missing_ok=True)


def _part_of(path: Path) -> Path:
    return path.with_name(f".{path.name}{_PART}")
