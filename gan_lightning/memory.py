"""Memory: kept for the next iteration instead of given back to the kernel; and one line where there is too little."""

import ctypes
import platform
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from gan_lightning.errors import UsageError

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3  # malloc.h
_LARGEST = 32 << 20  # bytes: glibc takes no larger threshold for mapping a block of its own


def keep_freed_memory() -> bool:
    """Tell glibc's allocator not to map and unmap each tensor; False where there is no glibc to tell.

    By default every block from 128 KiB on is mapped anew, zeroed page by page and unmapped when it is freed, many times
    an iteration. Numbers don't change; what a process frees stays with it until it ends.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    settings = ((_MMAP_THRESHOLD, _LARGEST), (_TRIM_THRESHOLD, 1 << 30), (_TOP_PAD, 64 << 20))
    return all(mallopt(parameter, value) == 1 for parameter, value in settings)


@contextmanager
def enough_memory() -> Iterator[None]:
    """Raise UsageError where what is done inside asks for more than there is, on the CPU or on a GPU."""
    try:
        yield
    except Exception as error:
        if any(map(_is_lack, _chain(error))):
            what = "lower data.batch_size, data.num_samples, data.size or the networks' width and depth"
            raise UsageError(f"there is not enough memory for this run: {what}") from error
        raise


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _is_lack(error: BaseException) -> bool:
    """torch's own error on a CPU has no class."""
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or (
        isinstance(error, RuntimeError)
        and any(words in str(error) for words in ("can't allocate memory", "size calculation overflowed"))
    )
