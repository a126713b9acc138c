"""A uint8 array in a file: written block by block, gone on with where that was stopped, checked, then mapped."""

import fcntl
import os
import warnings
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TextIO, TypeAlias

import numpy as np
import torch
from numpy.lib import format as npy
from numpy.typing import NDArray
from torch import Tensor

from gan_lightning.errors import UsageError
from gan_lightning.files import sync
from gan_lightning.folders import missing, remove_empty

Blocks: TypeAlias = Generator[NDArray[np.uint8], None, None]
_LOOK = 256 * 2**20  # bytes that are held against their checksums whenever a file is opened, spread over all of it


def build(path: Path, shape: tuple[int, ...], block: int, make: Callable[[int], Blocks]) -> None:
    """Write one `.npy` file of `shape`, `block` rows at a time, and beside it `<name>.crc32` with a line a block.

    The file gets its name when it is complete and on disk. Until then it is `<name>.part`: who is stopped goes on
    behind the last block that has its checksum, and of several processes one writes while the others wait.

    Args:
        path: of the file; nothing is done if it is there.
        shape: of the array.
        block: rows of each block but the last.
        make: called with the number of rows that are there already, gives the blocks behind them.

    Raises:
        UsageError: the folder cannot be written, or the disk is full; whatever `make` raises. Nothing stays of either.
    """
    made = missing(path.parent)
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _held(part):
            if path.is_file():
                part.unlink()  # another process has been quicker
            else:
                _finish(path, part, shape, block, make)
    except (UsageError, OSError) as error:
        for left in (part, sums_of(part)):
            with suppress(OSError):
                left.unlink(missing_ok=True)
        remove_empty(made)
        if isinstance(error, UsageError):
            raise
        raise UsageError(
            f"the cache {path} of {np.prod(shape) / 1e9:.1f} GB cannot be written ({error.strerror}): "
            "set data.cache=FOLDER, with space for it"
        ) from error


def sums_of(path: Path) -> Path:
    """Where a file's checksums stand: one of eight hexadecimal digits a line."""
    return path.with_name(f"{path.name}.crc32")


def open_checked(path: Path, shape: tuple[int, ...], block: int) -> Tensor:
    """The array of such a file as a uint8 tensor that must not be written to: pages are read when they are touched.

    Of a file of up to 256 MiB every block is held against its checksum, of a larger one as many, spread evenly.

    Raises:
        UsageError: the file is not one of `shape`, or differs from what was written.
    """
    try:
        # Mode "r", not "c": Linux refuses a private writable mapping that is larger than memory and swap.
        array = np.load(path, mmap_mode="r")
        sums = sums_of(path).read_text().split()
    except (OSError, ValueError, EOFError) as error:
        raise _damaged(path, str(error)) from error
    if array.shape != shape or array.dtype != np.uint8:
        raise _damaged(path, f"{array.dtype} {array.shape}")
    if len(sums) != -(-len(array) // block):
        raise _damaged(path, f"{len(sums)} checksums of {-(-len(array) // block)} blocks")
    looks = max(1, min(len(sums), _LOOK // (array[:block].nbytes or 1)))
    for index in np.linspace(0, len(sums) - 1, looks).astype(int).tolist():
        if _sum(array[index * block : (index + 1) * block]) != sums[index]:
            raise _damaged(path, f"samples {index * block} to {min((index + 1) * block, len(array)) - 1} differ")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The given NumPy array is not writ")  # nothing here writes to samples
        return torch.from_numpy(array)


class ReadAhead:
    """Has the system fetch rows of such a file from the disk while something else is computed.

    Without it each row of a file that is not in memory waits for its own pages, and for far more than its own: the
    system takes a shuffled order for the beginning of a sequence.

    Args:
        path: of the file.
        values: the array in it.
    """

    def __init__(self, path: Path, values: Tensor) -> None:
        self.begin, self.row = path.stat().st_size - values.nbytes, values[0].nbytes
        self.descriptor = os.open(path, os.O_RDONLY)

    def __call__(self, index: Tensor) -> None:
        """Ask for the rows `index`, (N,) int64, and don't wait."""
        if hasattr(os, "posix_fadvise"):  # not everywhere
            for row in index.tolist():
                os.posix_fadvise(self.descriptor, self.begin + row * self.row, self.row, os.POSIX_FADV_WILLNEED)

    def __del__(self) -> None:
        os.close(self.descriptor)


def _damaged(path: Path, why: str) -> UsageError:
    return UsageError(f"the cache {path} is damaged ({why}): delete it, it will be made anew")


@contextmanager
def _held(part: Path) -> Iterator[None]:
    """Be the only process that writes the file; a file system without locks lets all in."""
    descriptor = _locked(part)
    while not part.exists() or not os.path.samestat(os.fstat(descriptor), os.stat(part)):  # it got its name meanwhile
        os.close(descriptor)
        descriptor = _locked(part)
    try:
        yield
    finally:
        os.close(descriptor)


def _locked(part: Path) -> int:
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT, 0o666)
    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


def _finish(path: Path, part: Path, shape: tuple[int, ...], block: int, make: Callable[[int], Blocks]) -> None:
    # Written, not mapped: on a full disk a write raises, a store into a mapping kills the process.
    with part.open("r+b") as file, sums_of(part).open("a+", encoding="ascii", errors="replace") as sums:
        npy.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})
        done = _whole_blocks(file, sums, block * int(np.prod(shape[1:])))
        with closing(make(done * block)) as blocks:  # whatever happens, its threads end here
            for pixels in blocks:
                file.write(np.ascontiguousarray(pixels).data)
                file.flush()
                sums.write(f"{_sum(pixels)}\n")
                sums.flush()
        for written in (file, sums):
            os.fsync(written.fileno())
    os.replace(sums_of(part), sums_of(path))
    os.replace(part, path)
    sync(path.parent)


def _whole_blocks(file: BinaryIO, sums: TextIO, size: int) -> int:
    """How many blocks of `size` bytes are there as their checksums say; what is behind them is cut off."""
    begin, done = file.tell(), 0
    sums.seek(0)
    lines = sums.read().split()
    while done < len(lines) and len(block := file.read(size)) == size and f"{zlib.crc32(block):08x}" == lines[done]:
        done += 1
    file.seek(begin + done * size)
    file.truncate()
    sums.truncate(0)
    sums.writelines(f"{line}\n" for line in lines[:done])
    return done


def _sum(block: NDArray[np.uint8]) -> str:
    return f"{zlib.crc32(np.ascontiguousarray(block).data):08x}"
