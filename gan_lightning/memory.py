"""Keep freed memory for the next iteration instead of giving it back to the kernel."""

import ctypes
import platform

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
