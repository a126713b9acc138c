"""Every value of a composed config, held against the rule of its knob; imports no torch."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from gan_lightning import schema
from gan_lightning.errors import UsageError
from gan_lightning.knobs import RULES
from gan_lightning.rules import shown

MISSING = "???"
"""How a value is written that has to be given."""
_IN_A_RUN = ("${hydra:", "${folder}")
"""What refers to something that may be known in a run alone."""


def check_values(config: DictConfig) -> None:
    """Check each value, and what those that refer to another come to.

    Raises:
        UsageError: with the key, the value and what it must be.
    """
    follow = {path for path, _ in schema.references()}
    unresolved: list[UsageError] = []
    leaves = sorted(_leaves(config, "", unresolved), key=lambda leaf: leaf[0] in follow)
    for path, name, value in leaves:  # a mistake is told where it was made, not where it is referred to
        check_value(path, name, value)
    for error in unresolved:
        raise error


def check_value(path: str, name: str, value: Any) -> None:
    """Check one value by the rule of `name`, the last part of its path. Raises UsageError."""
    if isinstance(value, str) and value == MISSING:
        raise UsageError(f"{path} has no default: add {path}=VALUE")
    rule = RULES.get(name)
    if rule is not None and not rule.accepts(value):
        raise UsageError(f"{path}={shown(value)}: must be {rule}")


def resolved(node: DictConfig, key: Any, path: str) -> Any:
    """The value of a key; text that is known in a run alone stays as it is written, for it is text there too.

    Raises:
        UsageError: nothing stands at what it refers to, or in its place.
    """
    written = node._get_node(key)._value()  # type: ignore[union-attr]
    if OmegaConf.is_missing(node, key):
        return MISSING
    later = any(place in str(written) for place in _IN_A_RUN)
    try:
        value = node[key]
        if isinstance(value, ListConfig):
            OmegaConf.to_container(value, resolve=True, throw_on_missing=True)
    except OmegaConfBaseException as error:
        if later:
            return str(written)
        raise UsageError(f"{path}={written} can't be resolved: {str(error).splitlines()[0]}") from error
    return str(written) if later and value is None else value  # Hydra has null for what it does not know yet


def standing(config: DictConfig, path: str) -> Any:
    """What stands at a path; None where nothing does.

    Raises:
        UsageError: on the way there, or at its end, something refers to nothing.
    """
    above, _, name = path.rpartition(".")
    node = standing(config, above) if above else config
    if not isinstance(node, DictConfig) or name not in node.keys():  # `in` the node is false of what can't be resolved
        return None
    return resolved(node, name, path)


def folder_at(config: DictConfig, path: str) -> Path:
    """The folder that a key names. Raises UsageError where it names none."""
    above, _, name = path.rpartition(".")
    folder = resolved(OmegaConf.select(config, above), name, path)
    if folder is None or not str(folder) or folder == MISSING:
        raise UsageError(f"{path}={shown(folder)}: must be a folder")
    return Path(str(folder))


def _leaves(node: DictConfig, prefix: str, unresolved: list[UsageError]) -> Iterator[tuple[str, str, Any]]:
    """Path, name and value of each knob; a part that stands elsewhere is looked at there, errors are gathered."""
    key: Any  # text or a number
    for key in node:
        name, path = str(key), f"{prefix}{key!s}"
        if path == "hydra":
            continue
        try:
            value = resolved(node, key, path)
        except UsageError as error:
            unresolved.append(error)
            continue
        if not isinstance(value, DictConfig) or _is_knob(node, key, path, value):
            yield path, name, value
        elif not OmegaConf.is_interpolation(node, key):
            yield from _leaves(value, f"{path}.", unresolved)


def _is_knob(node: DictConfig, key: Any, path: str, value: DictConfig) -> bool:
    """Whether a value with others below it stands where a knob does; a part may have a knob's name."""
    if str(key) not in RULES or path in schema.sections():
        return False
    return OmegaConf.is_interpolation(node, key) or "_target_" not in value
