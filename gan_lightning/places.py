"""What each place of a run takes: before anything is built, each part is of the class that its place is for."""

from abc import ABC
from collections.abc import Iterator
from typing import Any

from lightning import Callback, Trainer
from lightning.pytorch.loggers import Logger
from lightning.pytorch.profilers import Profiler
from lightning.pytorch.strategies import Strategy
from omegaconf import DictConfig, OmegaConf
from torch import nn
from torch.optim import Optimizer

from gan_lightning import schema
from gan_lightning.build import located
from gan_lightning.data.base import MemoryData
from gan_lightning.errors import UsageError
from gan_lightning.losses import Loss
from gan_lightning.metrics.base import Metric
from gan_lightning.models.base import AdversarialModule
from gan_lightning.penalties import Penalty
from gan_lightning.schedules import Schedule
from gan_lightning.speed import Speed

ONE: dict[str, type] = {
    "data": MemoryData,
    "loss": Loss,
    "schedule": Schedule,
    "speed": Speed,
    **{f"network.{player}": nn.Module for player in ("generator", "discriminator")},
    **{f"optimizer.{player}": Optimizer for player in ("generator", "discriminator")},
    "model": AdversarialModule,
    **{f"model.{part}": taken for part, taken in (("loss", Loss), ("schedule", Schedule), ("speed", Speed))},
    **{f"model.{player}": nn.Module for player in ("generator", "discriminator")},
    **{f"model.optimizers.{player}": Optimizer for player in ("generator", "discriminator")},
    "trainer": Trainer,
    "trainer.strategy": Strategy,
    "trainer.profiler": Profiler,
}
"""Nodes that describe one part, and its class."""
MANY: dict[str, type] = {
    "penalty": Penalty,
    "model.penalties": Penalty,
    "metrics": Metric,
    "callbacks": Callback,
    "logger": Logger,
}
"""Nodes whose every key describes a part, and its class."""


def check_places(config: DictConfig) -> None:
    """Check the class of every part that a resolved config describes.

    Raises:
        UsageError: with the place, the class that stands there, and the options that fit.
    """
    for path, node, taken in _parts(config):
        target = str(node["_target_"])
        found = located(target)
        if not issubclass(found, taken):
            raise UsageError(f"{path}._target_={target} is no {taken.__name__}{_instead(path)}")
        if ABC in found.__bases__:
            raise UsageError(f"{path}._target_={target} is what others are made of, not one itself{_instead(path)}")


def _parts(config: DictConfig) -> Iterator[tuple[str, Any, type]]:
    for path, taken in ONE.items():
        node = OmegaConf.select(config, path)
        if isinstance(node, DictConfig) and "_target_" not in node:
            raise UsageError(f"{path} describes nothing: name its class as {path}._target_")
        if isinstance(node, DictConfig):
            yield path, node, taken
    for path, taken in MANY.items():
        above = OmegaConf.select(config, path)
        for name in above or ():
            if "_target_" in above[name]:  # else settings of a metric that nobody chose
                yield f"{path}.{name!s}", above[name], taken


def _instead(path: str) -> str:
    """The options of the group that the place belongs to, where it is one's own."""
    group = path.split(".")[0]
    if group not in schema.groups():
        return ""
    return f": choose from {group}={', '.join(schema.options(group))}"
