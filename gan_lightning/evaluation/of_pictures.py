"""Figures of a folder of generated pictures, whoever generated them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, final

from omegaconf import DictConfig

from gan_lightning.errors import UsageError
from gan_lightning.evaluation.plan import composed
from gan_lightning.evaluation.subject import Subject
from gan_lightning.validation import validate

if TYPE_CHECKING:  # mistakes answer before torch is imported
    from gan_lightning.data.base import MemoryData
    from gan_lightning.metrics.evaluator import Evaluator
    from gan_lightning.metrics.records import Record


@final
@dataclass(frozen=True)
class PicturesSubject(Subject):
    """A folder of generated pictures."""

    folder: Path

    @property
    def results(self) -> Path:
        """Beside the folder, for a picture of results in it would be one of the pictures."""
        return self.folder.with_name(f"{self.folder.resolve().name}_evaluation")

    def plan(self, overrides: Sequence[str]) -> DictConfig:
        """What the overrides compose; they must say which data the pictures are compared with."""
        if not any(override.startswith("data=") for override in overrides):
            raise UsageError(
                f"{self.folder} is no run: to compare its pictures add data=mnist, or another set of images, "
                "or data=image_folder data.root=FOLDER"
            )
        config = composed(overrides, overrides)
        validate(config)
        return config

    def measure(
        self, config: DictConfig, data: MemoryData, evaluator: Evaluator, repeats: int
    ) -> tuple[list[Record], str]:
        """Figures of all the pictures; there is no other noise to repeat them with."""
        from gan_lightning.data.base import ImageData
        from gan_lightning.evaluation.pictures import read_pictures
        from gan_lightning.runs.opened import sampling_device

        if not isinstance(data, ImageData):
            raise UsageError("pictures are compared with images: add data=mnist, or another set of images")
        samples = read_pictures(self.folder, data)
        return evaluator.evaluate_samples(samples.values, samples.labels, sampling_device()), ""
