"""What Hydra and OmegaConf complain of, in one line that says what to do."""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import Any, NoReturn

from hydra import compose
from hydra import initialize_config_dir as initialize
from hydra._internal.utils import get_args_parser  # the only list of Hydra's flags
from hydra.errors import HydraException, OverrideParseException
from omegaconf import DictConfig, OmegaConf

from gan_lightning import schema
from gan_lightning.arguments import RESUME
from gan_lightning.errors import UsageError

UNKNOWN_KEY = re.compile(r"Could not (?:override|delete from config\.|delete) '([^']+)'")
UNKNOWN_OPTION = re.compile(r"Could not (?:find|load) '([^']*)/([^'/]*)'")
ADDED_TWICE = re.compile(r"(?:Multiple values for|An item is already at) '?([\w./@]+?)'?\.")
MERGING = re.compile(r"Error merging override (.*)", re.DOTALL)
POINTER = "--help lists the groups, --cfg job every key"

OTHER_NAMES = {
    "learning_rate": "lr",
    "batch": "batch_size",
    "steps": "max_steps",
    "iterations": "max_steps",
    "epochs": "max_epochs",
    "gpus": "devices",
    "device": "accelerator",
    "dataset": "data",
    "checkpoint": "ckpt_path",
}
"""What other programs call a key of this one."""


EXTRAS = ("joblib", "submitit_local", "submitit_slurm")
"""Launchers that come with the extra `sweep`."""


def arranged(arguments: Sequence[str]) -> list[str]:
    """A command line with its flags in front, for Hydra takes overrides in one piece only.

    Raises:
        UsageError: a flag doesn't exist; in one line instead of Hydra's usage.
    """
    parser = get_args_parser()
    parser.error = _refuse  # type: ignore[method-assign]
    flags, unknown = parser.parse_known_args(arguments)
    if flags.experimental_rerun is not None:
        raise UsageError("--experimental-rerun would execute what is in the file: resume=RUN goes on with a run")
    for flag in (word for word in unknown if word.startswith("-")):
        plain = flag.lstrip("-").replace("-", "_")
        known = {*schema.groups(), *schema.top_level()}
        hint = f": write {plain}, without dashes" if plain.split("=")[0] in known and "=" in plain else f"; {POINTER}"
        raise UsageError(f"{flag}: no such flag{hint}")
    overrides = [*flags.overrides, *unknown]
    if flags.package is not None:
        _check_package(flags, overrides)
    return [*(word for word in arguments if word not in overrides), *overrides]


def _check_package(flags: Any, overrides: Sequence[str]) -> None:
    """Raise UsageError where a part of the config is asked for that isn't there, or without --cfg."""
    if not flags.cfg:
        raise UsageError(f"--package={flags.package} picks what --cfg shows: add --cfg job, or remove it")
    with initialize(str(schema.CONF), version_base="1.3"):
        try:
            config = compose("config", list(overrides), return_hydra_config=flags.cfg != "job")
        except HydraException:
            return  # Hydra finds it again
    if flags.package != "_global_" and OmegaConf.select(config, flags.package) is None:
        raise UsageError(f"--package={flags.package}: there is no such part; {POINTER}")


def explain(error: Exception, overrides: Sequence[str]) -> str:
    """One line for a command line that doesn't compose; names the nearest key or option there is.

    Args:
        error: what composing raised.
        overrides: the command line's.
    """
    message = str(error)
    deleted = [override[1:].split("=")[0] for override in overrides if override.startswith("~")]
    if match := UNKNOWN_OPTION.search(message):
        return _unknown_option(match.group(1), match.group(2))
    match = UNKNOWN_KEY.search(message)
    if match and match.group(1) not in deleted:
        return _unknown_key(match.group(1), overrides)
    if lost := next((group for group in deleted if group in schema.groups()), None):
        empty = f"write {lost}=[]" if lost in schema.listed() else f"{lost} has: {', '.join(schema.options(lost))}"
        return f"~{lost}: this group can't be taken away: {empty}"
    if match:
        return _unknown_key(match.group(1), overrides)
    if match := ADDED_TWICE.search(message):
        return f"+{match.group(1)}: it is there already: write {match.group(1)}=VALUE, without the +"
    if match := MERGING.search(message):
        return f"{match.group(1)}: {_first_line(error.__cause__)}; {POINTER}"
    if "Ambiguous value for argument" in message:
        return f"{message.splitlines()[0]}: add -m to sweep over the values, or quote them as one"
    if nameless := next((override for override in overrides if override.startswith("=")), None):
        return f"can't read the override {nameless!r}: write KEY=VALUE"
    if "Config group override must be" in message:
        return f"a group takes the name of one of its options, as in model=gan; {POINTER}"
    if isinstance(error, OverrideParseException):
        return f"can't read the override {error.override!r}: write KEY=VALUE, with quotes around what isn't plain"
    return " ".join(message.split())


def _first_line(cause: BaseException | None) -> str:
    lines = str(cause).splitlines() if cause is not None else []
    return lines[0] if lines else "this can't be set"


def _refuse(message: str) -> NoReturn:
    raise UsageError(f"{message}; {POINTER}")


def _unknown_option(group: str, option: str) -> str:
    if option in EXTRAS:
        return f"{group}={option} is an extra: pip install 'gan-lightning[sweep]'"
    options = schema.options(group)
    listed = ", ".join(options) if options else "none yet"
    return f"{group}={option}: no such option{_guess(_close(option.lower(), options))}; {group} has: {listed}"


def _unknown_key(key: str, overrides: Sequence[str]) -> str:
    if brought := schema.bringing(key):
        first, *others = map(str, brought)
        either = f" (or {', '.join(others)})" if others else ""
        return f"{key}: no such key in this choice of parts: add {first}{either}, which brings it"
    groups = schema.groups()
    chosen = [override for override in overrides if override.split("=")[0] in groups]
    keys = [key for key in _keys(_compose_as_far_as_possible(chosen)) if key not in schema.wiring()]
    known = list(dict.fromkeys([*groups, RESUME, *keys]))
    if key in keys:  # Hydra takes null for nothing
        return f"~{key}: this is null and can't be taken away: leave it, or give it a value"
    if nearest := _nearest(key, [path for path in known if not key.startswith(f"{path}.")]):
        return f"{key}: no such key{_guess(nearest)}; {POINTER}"
    parent = key.rpartition(".")[0]
    inside = [path.removeprefix(f"{parent}.") for path in known if path.rpartition(".")[0] == parent != ""]
    return f"{key}: no such key; " + (f"{parent} has: {', '.join(inside)}" if inside else POINTER)


def _nearest(key: str, known: Sequence[str]) -> list[str]:
    """The keys that were meant: the path itself mistyped, else the outermost whose last name it is or resembles."""
    beside = [path for path in known if path.count(".") == key.count(".")]
    if close := _close(key, beside, 0.8) or _close(key, known, 0.85):
        return close
    name = key.split(".")[-1]
    last_names = {path.split(".")[-1] for path in known}
    for meant in [OTHER_NAMES.get(name), name, *_close(name, last_names, 0.75)]:
        named = [path for path in known if path.split(".")[-1] == meant]
        if named:
            outermost = min(path.count(".") for path in named)
            return [path for path in named if path.count(".") == outermost]
    return _close(key, known, 0.75)


def _close(name: str, known: Iterable[str], cutoff: float = 0.6) -> list[str]:
    return get_close_matches(name, list(known), n=1, cutoff=cutoff)


def _guess(meant: Sequence[str]) -> str:
    """A player's key comes with the other player's; of more than three, the first stand for all."""
    if not meant:
        return ""
    *most, last = meant if len(meant) <= 3 else [*meant[:3], "another"]
    players = {path.split(".")[-2] for path in meant if "." in path} == {"generator", "discriminator"}
    first = ", ".join(most) + (" and " if players else " or ") if most else ""
    return f", did you mean {first}{last}?"


def _compose_as_far_as_possible(overrides: list[str]) -> DictConfig:
    with initialize(str(schema.CONF), version_base="1.3"):
        try:
            return compose("config", overrides)
        except HydraException:
            return compose("config")


def _keys(node: Any, prefix: str = "") -> Iterator[str]:
    if isinstance(node, DictConfig):
        for name in node:
            path = f"{prefix}.{name!s}" if prefix else str(name)
            if not str(name).startswith("_"):
                yield path
                yield from _keys(node._get_node(name), path)
