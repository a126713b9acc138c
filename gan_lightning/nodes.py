"""What each node of a composed config describes, held against what the config folder ships; imports no torch."""

from difflib import get_close_matches
from typing import Any

from omegaconf import DictConfig, OmegaConf

from gan_lightning import schema
from gan_lightning.errors import UsageError
from gan_lightning.optimizers import check_optimizer
from gan_lightning.rules import shown
from gan_lightning.targets import check_place, targets
from gan_lightning.values import resolved, standing

NEEDED = {
    **{part: part for part in ("model", "data", "loss", "schedule", "trainer", "speed")},
    **{f"{part}.{player}": part for part in ("network", "optimizer") for player in ("generator", "discriminator")},
}
"""Nodes that every run builds something from, and the group that describes each."""

PARTS = ("penalty", "metrics", "callbacks", "logger")
"""Groups whose keys each describe one object."""

OWNED = {
    "callbacks": "a run's callbacks are the keys of callbacks: add +callbacks.NAME={_target_: ...}",
    "logger": "a run's loggers are the keys of logger: add +logger.NAME={_target_: ...}",
    "plugins": "a run sets it itself, for its checkpoints: remove it",
    "enable_progress_bar": "callbacks.progress is the progress bar: ~callbacks.progress takes it away",
    "default_root_dir": "everything of a run is in one folder: name it as hydra.run.dir",
}
"""Settings of the trainer that a run makes of other keys, and what to do instead."""


def check_nodes(config: DictConfig) -> None:
    """Check that each node describes something that may be built, and has the names that its class takes.

    Raises:
        UsageError: with the node, and what to do.
    """
    for path, group in NEEDED.items():
        node = standing(config, path)
        if path == "loss" and node is None and not OmegaConf.is_interpolation(config.model, "loss"):
            continue  # a model with objectives of its own
        if not isinstance(node, DictConfig) or "_target_" not in node:
            raise UsageError(f"{path} describes nothing: choose one of {group}={', '.join(schema.options(group))}")
        if path == "trainer":
            _check_whole(path, node)
            _check_free(node)
        else:
            _check_names(path, node)
        if group == "optimizer":
            check_optimizer(path, node)
    _check_wires(config)
    for group in PARTS:
        if group in config.keys():
            _check_parts(group, standing(config, group))
    plain = OmegaConf.to_container(config, resolve=False)
    for target in targets({name: node for name, node in plain.items() if name != "hydra"}):  # type: ignore[union-attr]
        check_place(target)


def _check_parts(group: str, parts: Any) -> None:
    """Each key of a group describes one object."""
    if not isinstance(parts, DictConfig):
        raise UsageError(f"{group}={shown(parts)}: must be a node whose keys describe a part each, or {{}} for none")
    for name in parts:
        path = f"{group}.{name!s}"
        node = resolved(parts, name, path)
        if not isinstance(node, DictConfig) or "_target_" not in node:
            raise UsageError(f"{path}={shown(node)}: must be a node with a _target_; remove it with ~")
        _check_names(path, node)
        _check_whole(path, node)


def _check_wires(config: DictConfig) -> None:
    """What the model's node is given as parts are parts, or null."""
    for path, source in schema.references():
        above, _, name = path.rpartition(".")
        if above == "model" and source in (*NEEDED, *PARTS, "optimizer") and name in config.model:
            value = resolved(config.model, name, path)
            if value is not None and not isinstance(value, DictConfig):
                raise UsageError(f"{path}={shown(value)}: must be a node with a _target_; leave it to {source}")


def _check_whole(path: str, node: DictConfig) -> None:
    if node.get("_partial_"):
        raise UsageError(f"{path}._partial_={shown(node['_partial_'])}: this is built as a whole: remove it")


def _check_free(trainer: DictConfig) -> None:
    """What a run gives its trainer itself, nobody else can."""
    for name, instead in OWNED.items():
        if name in trainer:
            raise UsageError(f"trainer.{name}={shown(trainer[name])}: {instead}")
    profiler = OmegaConf.select(trainer, "profiler._target_")
    if profiler is not None and str(profiler).endswith(".XLAProfiler"):
        raise UsageError(f"trainer.profiler._target_={profiler}: it is for TPUs, and nothing trains on them: remove it")


def _check_names(path: str, node: DictConfig) -> None:
    """A class of this package takes what its YAML sets, all of it: no knob has a default in Python."""
    names = schema.names_of(node["_target_"], path)
    if names is None or not node["_target_"].startswith("gan_lightning."):
        return
    for name in sorted(names - node.keys()):
        raise UsageError(f"{path}.{name} is missing: don't delete it, give it a value")
    for name in sorted(str(name) for name in node if name not in names):
        close = get_close_matches(name, names, n=1)
        guess = f", did you mean {path}.{close[0]}?" if close else ""
        raise UsageError(f"{path}.{name}: {node['_target_']} takes no such setting{guess}")
