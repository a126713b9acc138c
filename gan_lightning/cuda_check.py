"""What asking for CUDA costs while a game is played."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

_BY_NVML = "PYTORCH_NVML_BASED_CUDA_CHECK"


@contextmanager
def quick_cuda_check() -> Iterator[None]:
    """Have torch ask the CUDA runtime, not the driver's library, whether there is a GPU.

    Lightning makes torch ask NVML, so that a process can still be forked behind the question. But every step of an
    optimizer asks it, and loads the library anew each time: on a machine without a GPU that takes ten times as long as
    the fused step of a small network. A process that plays has long decided on its device, and is forked no more.
    """
    before = os.environ.get(_BY_NVML)
    os.environ[_BY_NVML] = "0"
    try:
        yield
    finally:
        os.environ.pop(_BY_NVML) if before is None else os.environ.update({_BY_NVML: before})
