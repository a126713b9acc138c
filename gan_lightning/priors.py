"""What a generator is fed: the distribution of its latents, and what their entries mean."""

import math
from abc import ABC, abstractmethod
from typing import NamedTuple, final

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from gan_lightning.errors import UsageError


class Numbers(NamedTuple):
    """Where random numbers come from, and of which kind they are to be."""

    randomness: torch.Generator | None = None
    """On the device; None for the device's own."""
    device: torch.device | None = None
    dtype: torch.dtype | None = None

    def normal(self, *size: int) -> Tensor:
        """Standard normal."""
        return torch.randn(size, generator=self.randomness, device=self.device, dtype=self.dtype)

    def uniform(self, *size: int) -> Tensor:
        """From 0 to 1."""
        return torch.rand(size, generator=self.randomness, device=self.device, dtype=self.dtype)

    def choice(self, n: int, options: int) -> Tensor:
        """Whole numbers (n,) below `options`, int64."""
        return torch.randint(options, (n,), generator=self.randomness, device=self.device)


class Showcase(NamedTuple):
    """Latents worth looking at together."""

    latents: Tensor
    """(n, dim), row by row."""
    columns: int | None
    """Of the sheet; None for a sheet that is nearly square."""


class Prior(ABC):
    """The distribution of latents (N, dim), the first `normal_dim` entries of which are standard normal."""

    dim: int
    """Entries of a latent."""
    normal_dim: int
    """How many of them, from the first on, are noise: truncation and spherical paths concern these alone."""
    num_classes: int = 0
    """Of what can be asked for by number; 0 where nothing can."""

    @abstractmethod
    def make(self, n: int, numbers: Numbers) -> Tensor:
        """Latents (n, dim) of these random numbers."""

    def draw(
        self,
        n: int,
        randomness: torch.Generator | None = None,
        device: torch.device | None = None,
        dtype: torch.dtype | None = None,
    ) -> Tensor:
        """Latents (n, dim), from the device's own randomness if `randomness`, a generator on it, is None."""
        return self.make(n, Numbers(randomness, device, dtype))

    @property
    @abstractmethod
    def words(self) -> str:
        """What the entries of a latent are, to follow "latents (N, dim) are"."""

    @property
    @abstractmethod
    def python(self) -> str:
        """A Python expression that draws 16 of them with NumPy."""

    def labels(self, latents: Tensor) -> Tensor | None:
        """What each of the latents (N, dim) asks for, (N,) int64; None where nothing can be asked for."""
        return None

    def ask(self, latents: Tensor, labels: Tensor) -> Tensor:
        """The latents (N, dim) with other classes (N,) asked for.

        Raises:
            UsageError: nothing can be asked for, or not that.
        """
        raise UsageError("this run's generator takes no classes: leave --label out, or train model=cgan")

    def showcase(self, n: int, randomness: torch.Generator) -> Showcase:
        """About n latents, on the CPU, in the order in which they are to be shown."""
        return Showcase(self.draw(n, randomness), None)


@final
class Normal(Prior):
    """Standard normal noise.

    Args:
        dim: entries of a latent.
    """

    def __init__(self, dim: int) -> None:
        self.dim = self.normal_dim = dim

    def make(self, n: int, numbers: Numbers) -> Tensor:
        """Standard normal (n, dim)."""
        return numbers.normal(n, self.dim)

    @property
    def words(self) -> str:
        """Standard normal."""
        return "standard normal"

    @property
    def python(self) -> str:
        """All of it noise."""
        return f"numpy.random.standard_normal((16, {self.dim}))"


@final
class Labelled(Prior):
    """Standard normal noise with the class, one-hot, behind it; classes are equally likely.

    Args:
        noise_dim: entries of noise.
        num_classes: K, entries of the class.
    """

    def __init__(self, noise_dim: int, num_classes: int) -> None:
        self.normal_dim, self.num_classes = noise_dim, num_classes
        self.dim = noise_dim + num_classes

    def make(self, n: int, numbers: Numbers) -> Tensor:
        """Noise and a random class each, (n, dim)."""
        return self.join(numbers.normal(n, self.normal_dim), numbers.choice(n, self.num_classes))

    def beside(self, labels: Tensor, dtype: torch.dtype) -> Tensor:
        """Latents (N, dim) that ask for the classes (N,), from the randomness of their device."""
        return self.join(Numbers(None, labels.device, dtype).normal(len(labels), self.normal_dim), labels)

    def join(self, noise: Tensor, labels: Tensor) -> Tensor:
        """Noise (N, noise_dim) and classes (N,) as latents (N, dim)."""
        return torch.cat([noise, one_hot(labels, self.num_classes).to(noise.dtype)], 1)

    @property
    def words(self) -> str:
        """Noise, then the class."""
        return (
            f"{self.normal_dim} standard normal numbers and the class, one of {self.num_classes}, one-hot behind them"
        )

    @property
    def python(self) -> str:
        """Sixteen of class 0."""
        noise = f"numpy.random.standard_normal((16, {self.normal_dim}))"
        return f"numpy.hstack([{noise}, numpy.eye({self.num_classes})[[0] * 16]])"

    def labels(self, latents: Tensor) -> Tensor:
        """The class of each of the latents (N, dim), (N,)."""
        return latents[:, self.normal_dim :].argmax(1)

    def ask(self, latents: Tensor, labels: Tensor) -> Tensor:
        """The same noise with other classes (N,). Raises UsageError for one that isn't there."""
        check_label(int(labels.max()), self.num_classes)
        return self.join(latents[:, : self.normal_dim], labels.to(latents.device))

    def showcase(self, n: int, randomness: torch.Generator) -> Showcase:
        """A class a row, the same noise down each column."""
        rows, columns = layout(n, self.num_classes)
        noise = torch.randn((columns, self.normal_dim), generator=randomness)
        return Showcase(self.join(noise.repeat(rows, 1), torch.arange(rows).repeat_interleave(columns)), columns)


def layout(n: int, num_classes: int) -> tuple[int, int]:
    """Rows and columns of about n pictures with a class a row: the first of very many classes."""
    rows = min(num_classes, max(1, n // 3))
    return rows, math.ceil(n / rows)


def check_label(label: int, num_classes: int) -> None:
    """Raise UsageError unless there is such a class."""
    if not 0 <= label < num_classes:
        raise UsageError(f"--label {label}: this run's classes are 0 to {num_classes - 1}")
