"""Ways from one latent to another."""

from collections.abc import Callable
from typing import Literal, TypeAlias

import torch
from torch import Tensor

Mode: TypeAlias = Literal["linear", "spherical"]
_PARALLEL = 1e-4  # sine of an angle, or norm of a latent, below which there is no plane to turn in


def linear(start: Tensor, end: Tensor, at: Tensor) -> Tensor:
    """The straight line: latents (N, Z) and (N, Z) at the shares (T,) of the way, (N, T, Z)."""
    share = at[None, :, None]
    return (1 - share) * start[:, None] + share * end[:, None]


def spherical(start: Tensor, end: Tensor, at: Tensor) -> Tensor:
    """The great circle (White 2016, "Sampling Generative Networks"): as `linear`.

    The direction is sin((1 - t) w) / sin(w) a + sin(t w) / sin(w) b, with a and b the directions of the two latents and
    w the angle between them; the norm goes straight from one's to the other's. So latents of equal norm keep it, where
    the straight line passes through norms that a Gaussian in many dimensions never has. Where w is 0 or 180 degrees
    there is no one circle, and the way is straight.
    """
    norms = torch.stack([start.norm(dim=1), end.norm(dim=1)])[..., None]  # (2, N, 1)
    cosine = torch.nn.functional.cosine_similarity(start.double(), end.double(), dim=1)[:, None]  # (N, 1)
    angle = cosine.clamp(-1, 1).acos()
    share = at.double()[None]
    weights = torch.stack([((1 - share) * angle).sin(), (share * angle).sin()]) / angle.sin().clamp_min(_PARALLEL)
    norm = (1 - at) * norms[0] + at * norms[1]  # (N, T)
    weights = (weights * norm / norms.clamp_min(_PARALLEL)).to(start.dtype)  # (2, N, T)
    curved = weights[0, ..., None] * start[:, None] + weights[1, ..., None] * end[:, None]
    straight = (angle.sin() < _PARALLEL) | (norms.amin(0) < _PARALLEL)  # a latent at the origin has no direction
    return torch.where(straight[..., None], linear(start, end, at), curved)


MODES: dict[Mode, Callable[[Tensor, Tensor, Tensor], Tensor]] = {"linear": linear, "spherical": spherical}
"""The ways by name."""


def way(mode: Mode, start: Tensor, end: Tensor, at: Tensor, noise_dim: int) -> Tensor:
    """The way of that name for the first `noise_dim` entries of latents, and the straight line for what follows them.

    Args:
        mode: by name.
        start, end: latents (N, Z).
        at: shares of the way, (T,).
        noise_dim: how many entries are standard normal noise.
    """
    noise = MODES[mode](start[:, :noise_dim], end[:, :noise_dim], at)
    return torch.cat([noise, linear(start[:, noise_dim:], end[:, noise_dim:], at)], 2)


def there_and_back(n: int) -> Tensor:
    """Shares of the way (n,) of a loop that starts and turns gently: (1 - cos(2 pi k / n)) / 2."""
    return (1 - (2 * torch.pi * torch.arange(n) / n).cos()) / 2
