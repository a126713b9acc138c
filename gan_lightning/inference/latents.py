"""Latents as a function of the seed alone."""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from gan_lightning import noise
from gan_lightning.priors import Prior

BLOCK = 64
"""Latents that are drawn, and generated from, at once: the i-th is the same to the bit however many are asked for."""
_STREAM = 0x696E6665  # "infe": far from what training and its pictures draw


def latent_blocks(
    n: int, prior: Prior, seed: int, truncation: float | None = None, label: int | None = None
) -> Iterator[Tensor]:
    """Blocks of latents (64, latent_dim), on the CPU, until there are at least n.

    Where classes can be asked for, latent i asks for class i modulo their number, or for `label`.

    Args:
        n: latents, at least 1.
        prior: what they are drawn from.
        seed: of the noise; latent i is a function of (seed, i).
        label: the class that all of them ask for.
        truncation: draw every entry of noise beyond plus or minus this anew until it lies within, so that entries
            follow the truncated normal distribution (Brock et al. 2019, "Large Scale GAN Training", sec. 3.1); above 0.
            What lies within stays as it is without truncation.

    Raises:
        UsageError: a label where nothing can be asked for, or one that isn't there.
    """
    for block in range(math.ceil(n / BLOCK)):
        randomness = noise.generator(_STREAM, seed, block)
        latents = prior.draw(BLOCK, randomness)
        if truncation is not None:
            noise_dim = prior.normal_dim
            latents[:, :noise_dim] = _truncated(latents[:, :noise_dim], truncation, randomness)
        if label is not None:
            latents = prior.ask(latents, torch.full((BLOCK,), label))
        elif prior.num_classes:
            latents = prior.ask(latents, torch.arange(block * BLOCK, (block + 1) * BLOCK) % prior.num_classes)
        yield latents


def draw_latents(n: int, prior: Prior, seed: int) -> Tensor:
    """The first n latents of a seed, (n, latent_dim), on the CPU."""
    return torch.cat(list(latent_blocks(n, prior, seed)))[:n]


def _truncated(latents: Tensor, bound: float, randomness: torch.Generator) -> Tensor:
    """Entries beyond the bound replaced by the inverse of the truncated distribution function, at a uniform draw.

    That is the law of drawing anew until one lies within, in one go however small the bound.
    """
    uniform = torch.rand(latents.shape, generator=randomness, dtype=torch.float64)
    half = math.erf(bound / math.sqrt(2)) / 2  # probability of [0, bound]
    within = torch.special.ndtri(0.5 + half * (2 * uniform - 1)).to(latents.dtype).clamp(-bound, bound)
    return torch.where(latents.abs() <= bound, latents, within)
