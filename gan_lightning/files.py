"""Files that are there completely or not at all."""

import os
from pathlib import Path


def replace_bytes(path: Path, content: bytes) -> None:
    """Write a file under another name beside it and put it in the place of `path` when it is complete."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def replace_text(path: Path, text: str) -> None:
    """The same of text."""
    replace_bytes(path, text.encode())
