"""Statistics of real images, computed once and kept on disk."""

import hashlib
import os
import secrets
import warnings
from collections.abc import Callable
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from gan_lightning.errors import UsageWarning

Tensors = dict[str, Tensor]


class StatisticsCache:
    """Dictionaries of tensors by a text that says what they are of, each a safetensors file named after its hash.

    A file gets its name when it is whole; a damaged one is made anew. Where the folder can't be written, the
    statistics are kept in memory and one warning says so.

    Args:
        folder: of the files.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[str, Tensors] = {}

    def get(self, key: str, compute: Callable[[], Tensors]) -> Tensors:
        """What `key` names: from memory, from disk, or computed and stored."""
        if key not in self._known:
            path = self.folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.safetensors"
            found = _read(path)
            self._known[key] = _write(path, compute()) if found is None else found
        return self._known[key]


def _read(path: Path) -> Tensors | None:
    try:
        return load_file(path)
    except (OSError, SafetensorError):
        return None


def _write(path: Path, tensors: Tensors) -> Tensors:
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            save_file(tensors, unfinished)
            os.replace(unfinished, path)
        finally:
            unfinished.unlink(missing_ok=True)
    except (OSError, SafetensorError) as error:
        message = f"statistics of the real images can't be kept in {path.parent} ({error}): set cache=FOLDER"
        warnings.warn(message, UsageWarning, stacklevel=2)
    return tensors
