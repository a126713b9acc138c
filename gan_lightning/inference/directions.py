"""Directions of the latent space in which the generator's beginning changes most."""

from collections.abc import Callable
from typing import Literal, NamedTuple, TypeAlias

import torch
from torch import Tensor

from gan_lightning.inference.latents import draw_latents
from gan_lightning.networks.generator import Generator
from gan_lightning.priors import Prior

Method: TypeAlias = Literal["weights", "features"]
_SAMPLES = 2000  # latents whose features are analysed
_SPARE = 16  # components beyond those asked for, which make those more accurate
_NOTHING = 1e-6  # a singular value so much smaller than the largest, or a variance, is rounding


class Directions(NamedTuple):
    """Unit vectors, the strongest first."""

    vectors: Tensor
    """(K, latent_dim), of norm 1; the entry that is largest in absolute value is positive."""
    shares: Tensor
    """(K,): of the variance of what was analysed, in [0, 1]."""


def first_weight(generator: Generator, device: torch.device) -> Tensor:
    """The first layer's matrix A of z -> A z + b, (F, latent_dim), whatever kind of layer it is."""
    origin = torch.zeros(1, generator.latent_dim, device=device)
    axes = torch.eye(generator.latent_dim, device=device)
    with torch.no_grad():
        return (generator.first(axes) - generator.first(origin)).T.double().cpu()


def of_weights(generator: Generator, prior: Prior, device: torch.device, count: int, seed: int) -> Directions:
    """Right singular vectors of the first layer's matrix, in closed form (SeFa: Shen & Zhou 2021).

    The shares are the squared singular values': the variance of the layer's output for standard normal latents.
    `seed` plays no part. At most as many as there are latent dimensions, or features, come back.
    """
    matrix = first_weight(generator, device)[:, : _free(prior)]
    _, values, rows = torch.linalg.svd(matrix, full_matrices=False)
    return _strongest(_filled(rows, prior), values.square(), values.square().sum().item(), count)


def of_features(generator: Generator, prior: Prior, device: torch.device, count: int, seed: int) -> Directions:
    """Principal components of the first stage's features, brought back to latents (GANSpace: Härkönen et al. 2020).

    The features of 2,000 latents are centred and analysed; each latent's coordinates x_j on the components then give
    the directions by least squares, argmin_U sum_j |U x_j - z_j|^2. They need not be at right angles, and a component
    that no line of latents follows has none to find. At most as many as the features' rank come back.
    """
    latents = draw_latents(_SAMPLES, prior, seed)
    if prior.num_classes:
        latents = prior.ask(latents, torch.zeros(_SAMPLES, dtype=torch.long))
    latents = latents.to(device)
    with torch.no_grad():
        features = generator.features(latents).float()
    features -= features.mean(0)
    with torch.random.fork_rng():  # of a randomised decomposition: the whole one would take minutes
        torch.manual_seed(seed)
        left, values, _ = torch.svd_lowrank(features, q=min(count + _SPARE, *features.shape), niter=8)
    kept = min(count, int((values > _NOTHING * values[0]).sum()))
    rows = left[:, :kept].T @ latents[:, : _free(prior)]  # least squares: the coordinates are at right angles
    return _strongest(_filled(rows.cpu(), prior), values.square().cpu(), features.square().sum().item(), kept)


METHODS: dict[Method, Callable[[Generator, Prior, torch.device, int, int], Directions]] = {
    "weights": of_weights,
    "features": of_features,
}
"""The ways of finding them by name, called with (generator, its prior, its device, how many, seed).

Where a class is asked for, it is the first one, and directions leave it as it is.
"""


def along(start: Tensor, directions: Tensor, at: Tensor) -> Tensor:
    """A latent (Z,) moved by `at` (T,) along each of K directions (K, Z), (K, T, Z)."""
    return start + at[None, :, None] * directions[:, None]


def _free(prior: Prior) -> int:
    """The leading entries of a latent that directions go along: its noise, or all where nothing is noise."""
    return prior.normal_dim or prior.dim


def _filled(rows: Tensor, prior: Prior) -> Tensor:
    """Directions (K, free) with zeros for the other entries, (K, dim)."""
    return torch.nn.functional.pad(rows, (0, prior.dim - _free(prior)))


def _strongest(rows: Tensor, variances: Tensor, total: float, count: int) -> Directions:
    rows = torch.nn.functional.normalize(rows[:count], dim=1)
    largest = rows.gather(1, rows.abs().argmax(1, keepdim=True))
    return Directions((rows * largest.sign()).float(), (variances[:count] / max(total, _NOTHING)).float())
