"""A run's figures: on its own data, by its own metrics or by others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, final

from omegaconf import DictConfig, OmegaConf

from gan_lightning.errors import UsageError
from gan_lightning.evaluation.plan import composed
from gan_lightning.evaluation.subject import Subject
from gan_lightning.runs.run import Run
from gan_lightning.schema import CONF
from gan_lightning.validation import validate

if TYPE_CHECKING:  # mistakes answer before torch is imported
    from gan_lightning.data.base import MemoryData
    from gan_lightning.metrics.evaluator import Evaluator
    from gan_lightning.metrics.records import Record

MOVABLE = ("data.root", "data.test_root", "data.download", "data.cache")
"""What may differ from the run: where its data lie."""


@final
@dataclass(frozen=True)
class RunSubject(Subject):
    """A run at one of its checkpoints."""

    run: Run

    @property
    def results(self) -> Path:
        """The run's own folder."""
        return self.run.folder

    def plan(self, overrides: Sequence[str]) -> DictConfig:
        """The run's own config, with other metrics and the place of the data where the overrides say so."""
        config = self.run.config
        metrics = [override for override in overrides if override.startswith("metrics")]
        settings = [override for override in overrides if override not in metrics]
        for setting in settings:
            if setting.split("=")[0] not in MOVABLE:
                what = ", ".join(MOVABLE)
                raise UsageError(f"{setting}: a run is evaluated on its own data; what can change is {what}")
        if any(override.startswith("metrics=") for override in metrics):
            asked = composed([f"data={_source(config)}", *_kept(config), *metrics], metrics).metrics
            config.metrics = OmegaConf.to_container(asked, resolve=True)  # where the keys that it refers to are
        else:
            settings += metrics
        config = OmegaConf.unsafe_merge(config, OmegaConf.from_dotlist(settings))  # type: ignore[assignment]
        validate(config)
        return config

    def measure(
        self, config: DictConfig, data: MemoryData, evaluator: Evaluator, repeats: int
    ) -> tuple[list[Record], str]:
        """Figures of each of its generators; pictures are named by the iteration."""
        from gan_lightning.runs.opened import open_module

        module, step = open_module(config, data, self.run)
        return evaluator.evaluate(module, step, None, repeats), f"_{step:08d}"


def _kept(config: DictConfig) -> list[str]:
    """The run's own choice of extractor, as overrides."""
    keys = ("classifier.name", "inception.weights")
    choices = {f"metrics.{key}": OmegaConf.select(config, f"metrics.{key}") for key in keys}
    return [f"{key}={value}" for key, value in choices.items() if value is not None]


def _source(config: DictConfig) -> str:
    """The option of the group data that names the run's class."""
    for path in sorted((CONF / "data").glob("*.yaml")):
        if OmegaConf.load(path).data["_target_"] == config.data["_target_"]:
            return path.stem
    raise UsageError(f"data of class {config.data['_target_']} are in none of this version's configs")
