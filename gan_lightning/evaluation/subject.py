"""What `evaluate` is asked about: something that figures can be computed of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from omegaconf import DictConfig

if TYPE_CHECKING:  # mistakes answer before torch is imported
    from gan_lightning.data.base import MemoryData
    from gan_lightning.metrics.evaluator import Evaluator
    from gan_lightning.metrics.records import Record


class Subject(ABC):
    """A run at one of its checkpoints, or a folder of pictures."""

    @property
    @abstractmethod
    def results(self) -> Path:
        """The folder that figures are written into."""

    @abstractmethod
    def plan(self, overrides: Sequence[str]) -> DictConfig:
        """The config of its evaluation: data and metrics at least.

        Raises:
            UsageError: the overrides don't compose, or ask for something that can't be changed here.
        """

    @abstractmethod
    def measure(
        self, config: DictConfig, data: MemoryData, evaluator: Evaluator, repeats: int
    ) -> tuple[list[Record], str]:
        """Its figures, and what the names of their pictures end in. Raises UsageError if it is damaged."""
