"""Likelihoods: how probable samples are about what a decoder made of their latents."""

import math
from abc import ABC, abstractmethod
from typing import final

import torch
from torch import Tensor, nn

from gan_lightning.errors import UsageError
from gan_lightning.rules import shown


class Likelihood(nn.Module, ABC):
    """Independent entries about the decoder's means, all with one standard deviation.

    Args:
        sigma: the standard deviation, in the networks' units.
        learnt: sigma is where it starts, and it is trained with the decoder. A start at the data's own deviation is
            never left: a decoder that ignores its latents is at rest there.

    Raises:
        UsageError: sigma is not above 0.
    """

    def __init__(self, sigma: float, learnt: bool) -> None:
        super().__init__()
        if sigma is None or not sigma > 0:
            raise UsageError(f"model.likelihood.sigma is {shown(sigma)}: set it to a number above 0")
        self.log_sigma = nn.Parameter(torch.tensor(math.log(sigma)), requires_grad=learnt)

    @property
    def sigma(self) -> Tensor:
        """The standard deviation, a scalar."""
        return self.log_sigma.exp()

    def forward(self, means: Tensor, samples: Tensor) -> Tensor:
        """Log density of samples (N, *shape) about means (N, *shape), in nats a sample, (N,)."""
        errors = (samples - means).flatten(1) / self.sigma
        return self.log_density(errors).sum(1) - errors.shape[1] * self.log_sigma

    @abstractmethod
    def log_density(self, errors: Tensor) -> Tensor:
        """Log density at errors (N, D) of mean 0 and standard deviation 1, entry by entry, (N, D)."""


@final
class Gaussian(Likelihood):
    """Normal errors: the reconstruction is their mean square, up to a factor and a constant.

    A sigma that is learnt settles at the root of that mean square (Rybkin et al. 2021, arXiv:2006.13202).
    """

    def log_density(self, errors: Tensor) -> Tensor:
        """-e^2 / 2 - ln(2 pi) / 2."""
        return -errors.square() / 2 - math.log(2 * math.pi) / 2


@final
class Laplace(Likelihood):
    """Errors with heavier tails: the reconstruction is their mean size, up to a factor and a constant."""

    def log_density(self, errors: Tensor) -> Tensor:
        """-sqrt(2) |e| - ln(2) / 2."""
        return -math.sqrt(2) * errors.abs() - math.log(2) / 2
