"""Latents as a function of the seed alone."""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from gan_lightning import noise

BLOCK = 64
"""Latents that are drawn, and generated from, at once: the i-th is the same to the bit however many are asked for."""
_STREAM = 0x696E6665  # "infe": far from what training and its pictures draw


def latent_blocks(n: int, latent_dim: int, seed: int, truncation: float | None = None) -> Iterator[Tensor]:
    """Blocks of standard normal latents (64, latent_dim), on the CPU, until there are at least n.

    Args:
        n: latents, at least 1.
        latent_dim: dimensions of each.
        seed: of the noise; latent i is a function of (seed, i).
        truncation: draw every entry beyond plus or minus this anew until it lies within, so that entries follow the
            truncated normal distribution (Brock et al. 2019, "Large Scale GAN Training", sec. 3.1); above 0. What lies
            within stays as it is without truncation.
    """
    for block in range(math.ceil(n / BLOCK)):
        randomness = noise.generator(_STREAM, seed, block)
        latents = torch.randn((BLOCK, latent_dim), generator=randomness)
        yield latents if truncation is None else _truncated(latents, truncation, randomness)


def draw_latents(n: int, latent_dim: int, seed: int) -> Tensor:
    """The first n latents of a seed, (n, latent_dim), on the CPU."""
    return torch.cat(list(latent_blocks(n, latent_dim, seed)))[:n]


def _truncated(latents: Tensor, bound: float, randomness: torch.Generator) -> Tensor:
    """Entries beyond the bound replaced by the inverse of the truncated distribution function, at a uniform draw.

    That is the law of drawing anew until one lies within, in one go however small the bound.
    """
    uniform = torch.rand(latents.shape, generator=randomness, dtype=torch.float64)
    half = math.erf(bound / math.sqrt(2)) / 2  # probability of [0, bound]
    within = torch.special.ndtri(0.5 + half * (2 * uniform - 1)).to(latents.dtype).clamp(-bound, bound)
    return torch.where(latents.abs() <= bound, latents, within)
