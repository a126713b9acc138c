"""A uint8 array in a file: written whole or not at all, then mapped into memory instead of read."""

import os
import secrets
import warnings
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from numpy.lib import format as npy
from numpy.typing import NDArray
from torch import Tensor

from gan_lightning.errors import UsageError
from gan_lightning.folders import missing, remove_empty


def write_whole(path: Path, shape: tuple[int, ...], blocks: Iterable[NDArray[np.uint8]]) -> None:
    """Write blocks, one behind the other along the first axis, as one `.npy` file of `shape`.

    The file gets its name when it is complete and on disk, so that one that exists can be believed.

    Raises:
        UsageError: the folder cannot be written, or the disk is full.
    """
    # Written, not mapped: on a full disk a write raises, a store into a mapping kills the process.
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")  # of its own for each of several processes
    made = missing(path.parent)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with unfinished.open("xb") as file:
                npy.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})
                for block in blocks:
                    file.write(np.ascontiguousarray(block).data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(unfinished, path)
        finally:
            unfinished.unlink(missing_ok=True)
    except UsageError:
        remove_empty(made)
        raise
    except OSError as error:
        remove_empty(made)
        raise UsageError(
            f"the cache {path} of {np.prod(shape) / 1e9:.1f} GB cannot be written ({error.strerror}): "
            "set data.cache=FOLDER, with space for it"
        ) from error


def map_whole(path: Path, shape: tuple[int, ...]) -> Tensor:
    """The array of such a file as a uint8 tensor that must not be written to: pages are read when they are touched.

    Raises:
        UsageError: the file is not one of `shape`.
    """
    try:
        # Mode "r", not "c": Linux refuses a private writable mapping that is larger than memory and swap.
        array = np.load(path, mmap_mode="r")
    except (OSError, ValueError) as error:
        raise UsageError(f"the cache {path} is damaged ({error}): delete it, it will be made anew") from error
    if array.shape != shape or array.dtype != np.uint8:
        raise UsageError(f"the cache {path} is damaged ({array.dtype} {array.shape}): delete it, it will be made anew")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The given NumPy array is not writ")  # nothing here writes to samples
        return torch.from_numpy(array)
