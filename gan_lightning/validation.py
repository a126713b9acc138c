"""Everything that a composed config shows to be wrong, found before torch is imported and before anything is written.

From the outside in: keys, nodes, values, then what the parts make of each other.
"""

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from omegaconf import DictConfig, ListConfig, open_dict

from gan_lightning import optimizers, schema
from gan_lightning.data.sources import check_domains, check_labels, check_source, shape_of
from gan_lightning.errors import UsageError
from gan_lightning.guards import check_config, check_translation, check_wiring
from gan_lightning.knobs import COUNT
from gan_lightning.networks.plans import check_player
from gan_lightning.nodes import check_nodes
from gan_lightning.rules import Integer, shown
from gan_lightning.runs.run import LAST, find_run
from gan_lightning.values import check_value, check_values, resolved, standing
from gan_lightning.views import check_views

TUNED = (
    "loss",
    *(f"{part}.{player}" for part in ("optimizer", "network") for player in ("generator", "discriminator")),
)
"""Nodes that presets tune for their own choice of it, with knobs that others don't have."""

_BY_HAND = {
    "gradient_clip_val": (0, "model.max_grad_norm"),
    "gradient_clip_algorithm": (None, "model.max_grad_norm"),
    "accumulate_grad_batches": (1, "data.batch_size"),
}
"""What Lightning does to one loss alone: the value that does nothing, and what does the same to a game."""


def drop_unchosen(config: DictConfig, overrides: Sequence[str] = ()) -> None:
    """Remove what a preset tunes but the command line did not choose.

    A recipe may weigh a penalty that `penalty=[]` leaves out, Inception's settings stand there without a measure of it,
    and a model may set Adam's betas though `optimizer=rmsprop` is asked for. Raises UsageError where one of the command
    line's own `overrides` would be lost.
    """
    check_optional(overrides)
    asked = [override.lstrip("+").split("=")[0] for override in overrides]
    if "guard" not in config.get("callbacks", {}):
        for key in (key for key in asked if key.startswith("guard.")):
            raise UsageError(f"{key}: nothing guards this run, for callbacks.guard was taken away: leave {key} out")
    with open_dict(config):
        for group in ("penalty", "metrics"):
            for name in list(config.get(group, {})):
                node = resolved(config[group], name, f"{group}.{name!s}")
                if isinstance(node, DictConfig) and "_target_" not in node:
                    if any(key.startswith(f"{group}.{name}.") for key in asked):
                        chosen = ", ".join(schema.options_with(group, name))
                        raise UsageError(f"{group}.{name} has settings, but is not chosen: add {group}=[{chosen}]")
                    del config[group][name]
        for path in TUNED:
            node = standing(config, path)
            if isinstance(node, DictConfig):
                _drop_foreign(node, path, asked)


def check_optional(overrides: Sequence[str]) -> None:
    """Hydra passes over an option that isn't there of a group that need not have one. Raises UsageError."""
    for override in overrides:
        group, _, option = override.lstrip("+").partition("=")
        if group in schema.optional() and option not in ("null", *schema.options(group)):
            close = get_close_matches(option, schema.options(group), n=1)
            guess = f", did you mean {close[0]}?" if close else ""
            raise UsageError(
                f"{group}={option}: no such option{guess}; {group} has: {', '.join(schema.options(group))}"
            )


def _drop_foreign(node: DictConfig, path: str, asked: Sequence[str]) -> None:
    """Remove the knobs of other options of a node's group; a name that none of them has is left to be refused."""
    target = node.get("_target_", "")
    own = schema.names_of(target, path) or optimizers.names_of(target)
    if own is None:
        return
    foreign = schema.all_names(path) - own
    for knob in [str(name) for name in node if name in foreign]:
        if f"{path}.{knob}" in asked:
            raise UsageError(f"{path}.{knob}: {target} takes no such setting: remove it")
        del node[knob]


def validate(config: DictConfig) -> None:
    """Refuse a composed config that can't run. Raises UsageError with the key, the value and what it must be."""
    for name in config:
        if name not in schema.top_level():
            close = get_close_matches(str(name), schema.top_level(), n=1)
            raise UsageError(f"{name!s}: nothing reads this key{f', did you mean {close[0]}?' if close else ''}")
    _check_complete(config)
    if isinstance(config.get("data"), DictConfig):
        check_domains(config.needs, config.data)
    check_nodes(config)
    check_values(config)
    _check_run(config)
    check_wiring(config)
    check_config(config)
    check_source(config.data)
    check_labels(config.get("needs", ()), config.data)
    check_translation(config)
    shape = shape_of(config.data)
    if shape is not None:
        for player in ("generator", "discriminator"):
            check_player(player, config.network[player], shape, config.data.batch_size)
        check_views(config, shape)


def _check_complete(config: DictConfig) -> None:
    """Every single value at the top is there, and `needs`, which is asked for first, is what it must be."""
    for name in schema.single_values():
        if name not in config:
            raise UsageError(f"{name} is missing: don't delete it, give it a value")
    check_value("needs", "needs", resolved(config, "needs", "needs"))


def _check_run(config: DictConfig) -> None:
    trainer = config.trainer
    for knob in ("max_steps", "max_epochs"):
        if trainer.get(knob) == 0:
            raise UsageError(f"trainer.{knob}=0 trains nothing: set it to 1 or more, or to -1 for no limit by it")
    for knob, (nothing, instead) in _BY_HAND.items():
        if (value := trainer.get(knob, nothing)) not in (None, nothing):
            raise UsageError(f"trainer.{knob}={shown(value)} is nothing for two players: set {instead} instead")
    if trainer.get("max_steps", -1) == -1 and trainer.get("max_epochs", -1) == -1:
        raise UsageError("this run would never end: set trainer.max_steps (iterations) or trainer.max_epochs")
    devices = resolved(trainer, "devices", "trainer.devices") if "devices" in trainer.keys() else 1
    if isinstance(devices, ListConfig) and not _are_devices(devices):
        raise UsageError(f"trainer.devices={shown(devices)}: must be a list of different numbers, as in [0,1]")
    if devices != "auto" and not isinstance(devices, ListConfig) and devices != -1 and not COUNT.accepts(devices):
        raise UsageError(f"trainer.devices={shown(devices)}: must be {COUNT}")
    of_several = {
        "devices": (devices, 1, "trainer=ddp"),
        "num_nodes": (trainer.get("num_nodes", 1), 1, "trainer=ddp_multinode"),
        "sync_batchnorm": (trainer.get("sync_batchnorm", False), False, "trainer=ddp"),
    }
    for knob, (value, alone, mend) in of_several.items():
        if value != alone and "strategy" not in trainer:
            raise UsageError(f"trainer.{knob}={shown(value)} takes several processes: add {mend}")
    if "strategy" in trainer and not isinstance(trainer.strategy, DictConfig):
        raise UsageError(f"trainer.strategy={shown(trainer.strategy)}: must be a node with a _target_: add trainer=ddp")
    callbacks = config.get("callbacks", {})
    if "guard" in callbacks and callbacks.guard.get("action") == "rollback" and "checkpoint" not in callbacks:
        raise UsageError("guard.action=rollback goes back to checkpoints: don't take callbacks.checkpoint away")
    if config.get("ckpt_path") == LAST and not Path(LAST).exists():
        find_run(LAST)
    elif config.get("ckpt_path") is not None and not Path(config.ckpt_path).is_file():
        raise UsageError(f"ckpt_path={config.ckpt_path}: there is no such file")


def _are_devices(devices: ListConfig) -> bool:
    return len(devices) > 0 and all(map(Integer(0).accepts, devices)) and len(set(devices)) == len(devices)
