"""What Hydra and OmegaConf complain of, in one line that says what to do."""

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from hydra import compose
from hydra import initialize_config_dir as initialize
from hydra.errors import HydraException, OverrideParseException
from omegaconf import DictConfig

UNKNOWN_KEY = re.compile(r"Could not (?:override|delete from config\.) '([^']+)'")
UNKNOWN_OPTION = re.compile(r"Could not (?:find|load) '([^']*)/([^'/]*)'")
POINTER = "--help lists the groups, --cfg job every key"


def explain(error: Exception, overrides: Sequence[str], conf: Path) -> str:
    """One line for a command line that doesn't compose; names the nearest key or option there is.

    Args:
        error: what composing raised.
        overrides: the command line's.
        conf: the config folder.
    """
    message = str(error)
    if match := UNKNOWN_OPTION.search(message):
        return _unknown_option(match.group(1), match.group(2), conf)
    if match := UNKNOWN_KEY.search(message):
        return _unknown_key(match.group(1), overrides, conf)
    if "Ambiguous value for argument" in message:
        return f"{message.splitlines()[0]}: add -m to sweep over the values, or quote them as one"
    if "Config group override must be" in message:
        return f"a group takes the name of one of its options, as in model=gan; {POINTER}"
    if isinstance(error, OverrideParseException):
        return f"can't read the override {error.override!r}: write KEY=VALUE, with quotes around what isn't plain"
    return " ".join(message.split())


def _unknown_option(group: str, option: str, conf: Path) -> str:
    options = sorted(path.stem for path in (conf / group).glob("*.yaml"))
    listed = ", ".join(options) if options else "none yet"
    return f"{group}={option}: no such option{_nearest(option, options)}; {group} has: {listed}"


def _unknown_key(key: str, overrides: Sequence[str], conf: Path) -> str:
    groups = [str(path.relative_to(conf)) for path in conf.rglob("*") if path.is_dir()]
    chosen = [override for override in overrides if override.split("=")[0] in groups]
    known = [*groups, *_keys(_compose_as_far_as_possible(chosen, conf))]
    return f"{key}: no such key{_nearest(key, known)}; {POINTER}"


def _nearest(name: str, known: Sequence[str]) -> str:
    close = get_close_matches(name, known, n=1, cutoff=0.6)
    return f", did you mean {close[0]}?" if close else ""


def _compose_as_far_as_possible(overrides: list[str], conf: Path) -> DictConfig:
    with initialize(str(conf), version_base="1.3"):
        try:
            return compose("config", overrides)
        except HydraException:
            return compose("config")


def _keys(node: Any, prefix: str = "") -> Iterator[str]:
    if isinstance(node, DictConfig):
        for name in node:
            path = f"{prefix}.{name!s}" if prefix else str(name)
            yield path
            yield from _keys(node._get_node(name), path)
