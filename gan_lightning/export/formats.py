"""The file formats that a generator is exported to; imports no torch until one is written or read."""

from __future__ import annotations

import importlib.util
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from gan_lightning.errors import UsageError

if TYPE_CHECKING:
    from torch import Tensor, nn

Sampler: TypeAlias = "Callable[[Tensor], Tensor]"
"""Latents (N, latent_dim) to samples (N, *shape), float32, on the CPU."""


class Format(ABC):
    """One file format."""

    file: str
    """The file's name."""
    packages: tuple[str, ...] = ()
    """What it takes beside the package's own needs; the extra `export` brings it."""
    tolerance: float
    """How far a sample of the file may be from the original's, in the networks' units."""
    usage: str
    """Python lines that draw 16 samples, for the model card; `{latents}`, a NumPy expression, is filled in."""

    def check(self) -> None:
        """Raise UsageError where a package is missing."""
        missing = [name for name in self.packages if importlib.util.find_spec(name) is None]
        if missing:
            raise UsageError(
                f"this format needs {', '.join(missing)}: pip install 'gan-lightning[export]', "
                "or choose --format safetensors"
            )

    @abstractmethod
    def write(self, generator: nn.Module, path: Path, about: Mapping[str, str]) -> None:
        """Write a generator, on the CPU in eval mode, and what is known about it where the format has a place."""

    @abstractmethod
    def read(self, path: Path) -> Sampler:
        """What another program would make of the file."""
