"""IDX, the file format of MNIST and its relatives: a magic number, big-endian lengths, then bytes."""

import gzip
import hashlib
import math
import zlib
from pathlib import Path

import torch
from torch import Tensor

from gan_lightning.data.official import damaged

_UNSIGNED_BYTE = 8  # the format's code for the type of its elements


def read_idx(path: Path, dimensions: int, sha256: str) -> Tensor:
    """The contents of an IDX file of unsigned bytes, plain or, if its name ends in `.gz`, compressed.

    Args:
        path: the file.
        dimensions: 3 for images (N, H, W), 1 for labels (N,).
        sha256: hexadecimal digest that the uncompressed file must have.

    Returns:
        uint8, the lengths of the header as its shape.

    Raises:
        UsageError: it cannot be read, is no such file, has another length than its header says, or another digest.
    """
    content = bytearray(_read(path))  # writable, so that the tensor can share it
    start = 4 + 4 * dimensions
    if len(content) < start:
        raise damaged(path, f"{len(content)} bytes are shorter than an IDX header of {start}")
    if content[:4] != bytes([0, 0, _UNSIGNED_BYTE, dimensions]):
        magic = bytes([0, 0, _UNSIGNED_BYTE, dimensions]).hex()
        raise damaged(path, f"starts with {content[:4].hex()}, not with the magic number {magic}")
    shape = [int.from_bytes(content[at : at + 4], "big") for at in range(4, start, 4)]
    expected, found = math.prod(shape), len(content) - start
    if found != expected:
        relation = "shorter" if found < expected else "longer"
        raise damaged(path, f"{relation} than its header says: {found} bytes of data, not {expected}")
    if not expected:
        raise damaged(path, f"empty: its header says {' x '.join(map(str, shape))}")
    if hashlib.sha256(content).hexdigest() != sha256:
        raise damaged(path, "sha256 differs from the official file's")
    return torch.frombuffer(content, dtype=torch.uint8, offset=start).reshape(shape)


def _read(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if path.suffix == ".gz" else content
    except (OSError, EOFError, zlib.error) as error:  # BadGzipFile is an OSError
        raise damaged(path, f"cannot be read: {error}") from error
