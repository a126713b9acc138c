"""The sha256 that stands beside a checkpoint, and whether the file is still whole; imports no torch."""

import hashlib
import zipfile
from pathlib import Path

_BLOCK = 1 << 20  # bytes read at a time


def sidecar_of(checkpoint: Path) -> Path:
    """`NAME.ckpt.sha256`, a line that `sha256sum -c` reads; of a link, that of the file it points to."""
    whole = checkpoint.resolve()
    return whole.with_name(f"{whole.name}.sha256")


def line(digest: str, checkpoint: Path) -> str:
    """What a sidecar says."""
    return f"{digest}  {checkpoint.name}\n"


def flaw(checkpoint: Path) -> str | None:
    """What is wrong with a checkpoint's bytes, in a few words; None if nothing can be seen.

    Without a sidecar the archive's own structure and its CRC-32s are checked.
    """
    try:
        if checkpoint.stat().st_size == 0:
            return "it is empty"
        sidecar = sidecar_of(checkpoint)
        if not sidecar.is_file():
            return _broken_archive(checkpoint)
        if sidecar.read_text(errors="replace").split(" ")[0] != _digest(checkpoint):
            return f"it is damaged, for it is not what {sidecar.name} says"
    except OSError as error:
        return f"it can't be read: {error.strerror}"
    return None


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _broken_archive(path: Path) -> str | None:
    try:
        with zipfile.ZipFile(path) as archive:
            torn = archive.testzip()
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, RuntimeError):
        return "it is damaged, or another file"
    return None if torn is None else f"it is damaged at {torn}"
