"""Random changes of a batch that leave its classes as they are: uint8 (N, C, H, W) to the same.

Each image has its own draw; all draws are made on the CPU, so that a seed means the same on every device.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

Augmentation = Callable[[Tensor, torch.Generator], Tensor]
"""Images and the source of randomness to images."""


def in_order(*augmentations: Augmentation) -> Augmentation:
    """One after the other."""

    def all_of_them(images: Tensor, randomness: torch.Generator) -> Tensor:
        for augmentation in augmentations:
            images = augmentation(images, randomness)
        return images

    return all_of_them


def flip(images: Tensor, randomness: torch.Generator) -> Tensor:
    """Mirrored left to right with probability 1/2."""
    mirrored = torch.rand(len(images), generator=randomness) < 0.5
    return torch.where(mirrored.to(images.device)[:, None, None, None], images.flip(-1), images)


def shift(pixels: int, mode: str) -> Augmentation:
    """Moved by up to `pixels` along each axis; the rim is filled as `torch.nn.functional.pad` does in that mode."""

    def shifted(images: Tensor, randomness: torch.Generator) -> Tensor:
        n, _, height, width = images.shape
        padded = F.pad(images.float(), [pixels] * 4, mode).to(torch.uint8)
        starts = torch.randint(2 * pixels + 1, (2, n), generator=randomness).to(images.device)
        rows = starts[0, :, None] + torch.arange(height, device=images.device)
        columns = starts[1, :, None] + torch.arange(width, device=images.device)
        index = torch.arange(n, device=images.device)[:, None, None]
        return padded.permute(0, 2, 3, 1)[index, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)

    return shifted


def cutout(side: int) -> Augmentation:
    """A square, its centre anywhere, painted mid-grey (DeVries & Taylor 2017, arXiv:1708.04552)."""

    def cut(images: Tensor, randomness: torch.Generator) -> Tensor:
        n, _, height, width = images.shape
        rows, columns = (
            torch.arange(length) - torch.randint(length, (n, 1), generator=randomness) for length in (height, width)
        )
        inside = [(-(side // 2) <= offset) & (offset < side - side // 2) for offset in (rows, columns)]
        square = inside[0][:, None, :, None] & inside[1][:, None, None, :]
        return images.masked_fill(square.to(images.device), 127)

    return cut


def affine(degrees: float, scale: tuple[float, float], shear: float, pixels: float) -> Augmentation:
    """Turned, scaled, slanted and moved, black beyond the rim.

    Args:
        degrees: of the largest rotation, either way.
        scale: smallest and largest size, 1 being the original's.
        shear: largest slant, as a tangent, either way.
        pixels: of the largest move along each axis, either way.
    """

    def transformed(images: Tensor, randomness: torch.Generator) -> Tensor:
        n, *shape = images.shape
        draw = torch.rand(5, n, generator=randomness) * 2 - 1
        angle = draw[0] * math.radians(degrees)
        inverse = 1 / (scale[0] + (scale[1] - scale[0]) * (draw[1] + 1) / 2)
        cosine, sine, slant = angle.cos() * inverse, angle.sin() * inverse, draw[2] * shear
        move = draw[3:] * pixels * 2 / shape[-1]  # the grid's units: the image's side is 2
        rows = [cosine, slant * cosine - sine, move[0], sine, slant * sine + cosine, move[1]]
        theta = torch.stack(rows, dim=1).reshape(n, 2, 3).to(images.device)
        grid = F.affine_grid(theta, [n, *shape], align_corners=False)
        return F.grid_sample(images.float(), grid, align_corners=False).round_().to(torch.uint8)

    return transformed
