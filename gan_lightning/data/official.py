"""What the published sets have in common: fetched through torchvision, verified, resized once."""

import socket
from pathlib import Path

import torch
from torch import Tensor
from torchvision.datasets import VisionDataset
from torchvision.transforms.v2.functional import resize

from gan_lightning.errors import UsageError

_SILENCE = 30.0  # seconds without a byte after which a connection is given up; torchvision sets no limit
_CHUNK = 1000  # images a call: bounds what the resizing needs beside its result


def fetch(published: type[VisionDataset], root: Path, advice: str) -> None:
    """Fetch a set into `root` in torchvision's layout.

    Raises:
        UsageError: it could not be fetched; ends with `advice`.
    """
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_SILENCE)
    try:
        published(str(root), download=True)
    except Exception as error:  # torchvision lets urllib's, http's, tarfile's and its own errors through
        raise UsageError(f"{published.__name__} could not be downloaded ({str(error).strip()}): {advice}") from error
    finally:
        socket.setdefaulttimeout(before)


def damaged(path: Path, why: str) -> UsageError:
    """The error for a file that is there and is not the published one."""
    return UsageError(
        f"{path} is damaged ({why}): put the official file there, or delete it and set data.download=true"
    )


def resized(images: Tensor, size: int) -> Tensor:
    """uint8 (N, C, H, W) to uint8 (N, C, size, size), bilinear and antialiased."""
    if images.shape[-2:] == (size, size):
        return images
    result = images.new_empty(*images.shape[:2], size, size)
    for start in range(0, len(images), _CHUNK):
        result[start : start + _CHUNK] = resize(images[start : start + _CHUNK], [size, size], antialias=True)
    return result


def checked_labels(labels: Tensor, num_classes: int, path: Path) -> Tensor:
    """Labels as int64 (N,).

    Raises:
        UsageError: one is outside [0, num_classes).
    """
    wrong = labels[(labels < 0) | (labels >= num_classes)]
    if len(wrong):
        raise damaged(path, f"label {wrong[0].item()} out of range 0..{num_classes - 1}")
    return labels.to(torch.int64)
