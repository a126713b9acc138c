"""Latents with codes among them, as InfoGAN's (Chen et al. 2016)."""

import math
from typing import final

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from gan_lightning.priors import Numbers, Prior, Showcase, check_label

_REACH = 2.0  # how far codes, which lie in [-1, 1], are traversed, as in the paper's figures


@final
class Codes(Prior):
    """Standard normal noise, a category one-hot behind it, then codes uniform in [-1, 1].

    Args:
        noise_dim: entries of noise.
        categories: K of the one categorical code.
        continuous: number of continuous codes.
    """

    def __init__(self, noise_dim: int, categories: int, continuous: int) -> None:
        self.normal_dim, self.num_classes, self.continuous = noise_dim, categories, continuous
        self.dim = noise_dim + categories + continuous

    def make(self, n: int, numbers: Numbers) -> Tensor:
        """Noise, a random category and random codes each, (n, dim)."""
        noise, category = numbers.normal(n, self.normal_dim), numbers.choice(n, self.num_classes)
        return self._join(noise, category, numbers.uniform(n, self.continuous) * 2 - 1)

    @property
    def words(self) -> str:
        """Noise, category, codes."""
        return (
            f"{self.normal_dim} standard normal numbers, one of {self.num_classes} categories one-hot, and "
            f"{self.continuous} codes between -1 and 1"
        )

    @property
    def python(self) -> str:
        """Sixteen of category 0, their codes in the middle."""
        noise = f"numpy.random.standard_normal((16, {self.normal_dim}))"
        return f"numpy.hstack([{noise}, numpy.eye({self.num_classes})[[0] * 16], numpy.zeros((16, {self.continuous}))])"

    def labels(self, latents: Tensor) -> Tensor:
        """The category of each of the latents (N, dim), (N,)."""
        return self.split(latents)[1]

    def split(self, latents: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Noise (N, noise_dim), category (N,) and codes (N, continuous) of latents (N, dim)."""
        noise, category, codes = latents.split([self.normal_dim, self.num_classes, self.continuous], 1)
        return noise, category.argmax(1), codes

    def ask(self, latents: Tensor, labels: Tensor) -> Tensor:
        """The same noise and codes with other categories (N,). Raises UsageError for one that isn't there."""
        check_label(int(labels.max()), self.num_classes)
        noise, _, codes = self.split(latents)
        return self._join(noise, labels.to(latents.device), codes)

    def showcase(self, n: int, randomness: torch.Generator) -> Showcase:
        """Rows along the categories, each with its own noise; then as many rows along each code, each of a category."""
        columns = self.num_classes
        each = max(1, math.ceil(n / columns) // (self.continuous + 1))
        rows = [self._row(randomness, torch.arange(columns)) for _ in range(each)]
        way = torch.linspace(-_REACH, _REACH, columns)
        for code in range(self.continuous):
            for row in range(each):
                rows.append(self._row(randomness, torch.full((columns,), row % columns), (code, way)))
        return Showcase(torch.cat(rows), columns)

    def _row(self, randomness: torch.Generator, category: Tensor, varied: tuple[int, Tensor] | None = None) -> Tensor:
        """Latents (K, dim) of one noise, codes at 0 but for the one that is varied."""
        noise = torch.randn((1, self.normal_dim), generator=randomness).expand(len(category), -1)
        codes = torch.zeros(len(category), self.continuous)
        if varied is not None:
            codes[:, varied[0]] = varied[1]
        return self._join(noise, category, codes)

    def _join(self, noise: Tensor, category: Tensor, codes: Tensor) -> Tensor:
        return torch.cat([noise, one_hot(category, self.num_classes).to(noise.dtype), codes], 1)
