"""What the config folder itself says: its groups, their options, and which option brings which keys."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

PACKAGE = Path(__file__).resolve().parent
CONF = next(folder for folder in (PACKAGE / "conf", PACKAGE.parent / "conf") if folder.is_dir())
"""The packaged config folder, or the checkout's."""

_REFERENCE = re.compile(r"\$\{([\w.]+)\}")

TUNING = ("recipe", "experiment", "sweep")
"""Groups that only set what others bring."""


class Option(NamedTuple):
    """One file of the config folder."""

    group: str
    """Empty for config.yaml itself."""
    name: str
    keys: frozenset[str]
    """Paths from the top that it sets, inner ones included."""
    nodes: dict[str, dict[str, Any]]
    """Each node with a `_target_` that it describes, by path."""
    references: tuple[tuple[str, str], ...]
    """Paths whose whole value is that of another, each with the other."""
    based_on: tuple[str, ...]
    """Options of its group that it starts from."""

    def __str__(self) -> str:
        return f"{self.group}=[{self.name}]" if self.group in listed() else f"{self.group}={self.name}"


def groups() -> list[str]:
    """Every group, sorted."""
    return sorted({str(path.parent.relative_to(CONF)) for path in CONF.rglob("*.yaml") if path.parent != CONF})


def options(group: str) -> list[str]:
    """The names of a group's options, sorted."""
    return sorted(path.stem for path in (CONF / group).glob("*.yaml"))


@cache
def listed() -> frozenset[str]:
    """Groups of which several options can be chosen at once."""
    choices = (entry for entry in base()["defaults"] if isinstance(entry, dict))
    return frozenset(group for choice in choices for group, value in choice.items() if isinstance(value, list))


@cache
def optional() -> frozenset[str]:
    """Groups that pass over an option which isn't there."""
    choices = (str(group) for entry in base()["defaults"] if isinstance(entry, dict) for group in entry)
    return frozenset(group.removeprefix("optional ") for group in choices if group.startswith("optional "))


@cache
def default(group: str) -> str:
    """The option of a group that is taken where none is asked for, by config.yaml."""
    return str(next(entry[group] for entry in base()["defaults"] if isinstance(entry, dict) and group in entry))


@cache
def files() -> tuple[Option, ...]:
    """config.yaml and every option, without Hydra's own."""
    paths = [path for path in sorted(CONF.rglob("*.yaml")) if not path.relative_to(CONF).parts[0] == "hydra"]
    return tuple(_read(path) for path in paths)


@cache
def top_level() -> frozenset[str]:
    """The keys that anything reads at the top of a composed config."""
    return frozenset(key.split(".")[0] for option in files() for key in option.keys) | {"hydra"}


@cache
def single_values() -> tuple[str, ...]:
    """The keys at the top of config.yaml that have no others below them."""
    return tuple(key for key, value in base().items() if key != "defaults" and not isinstance(value, dict))


@cache
def sections() -> frozenset[str]:
    """Keys that have others below them in the config folder."""
    return frozenset(key.rpartition(".")[0] for option in files() for key in option.keys)


@cache
def hydra_callbacks() -> dict[str, str]:
    """The `_target_` of each callback that config.yaml itself gives Hydra, by name."""
    return {name: node["_target_"] for name, node in base()["hydra"]["callbacks"].items()}


@cache
def wiring() -> frozenset[str]:
    """Keys that only pass on what stands elsewhere: nobody sets them."""
    own = base()
    return frozenset(
        f"{part}.{name}"
        for part in ("model", "data")
        for name, value in own[part].items()
        if isinstance(value, str) and value.startswith("${")
    )


@cache
def references() -> tuple[tuple[str, str], ...]:
    """Every path in the config folder that takes its value from another one, with that."""
    return tuple(dict.fromkeys(found for option in files() for found in option.references))


def bringing(key: str) -> list[Option]:
    """The options that bring a key: those of its own group if there are any, else those of other groups."""
    found = [option for option in files() if option.group and option.group not in TUNING and key in option.keys]
    own = [option for option in found if option.group == key.split(".")[0]]
    return own or found


def names_of(target: str, path: str) -> frozenset[str] | None:
    """The names in the node at `path` of a shipped `_target_`, its wiring included; None for another target."""
    described = [option.nodes[path] for option in files() if path in option.nodes]
    names = [frozenset(node) for node in described if node["_target_"] == target]
    if not names:
        return None
    return names[0].union(*names[1:], _base_names(path))


def all_names(path: str) -> frozenset[str]:
    """The names in the node at `path` of any option."""
    return frozenset(name for option in files() for name in option.nodes.get(path, ()))


@cache
def settings(target: str) -> dict[str, Any]:
    """What the config folder sets of a `_target_`, wherever it describes one: the first value of each name."""
    found: dict[str, Any] = {}
    for option in files():
        for path, node in option.nodes.items():
            if node["_target_"] == target:
                found = {**_node(path), **node, **found}
    return found


def group_default(group: str) -> dict[str, Any]:
    """The node that a group describes where no option of it is asked for: its default's own, or its base's."""
    of_group = {option.name: option for option in files() if option.group == group}
    option = of_group[default(group)]
    while group not in option.nodes:
        option = of_group[option.based_on[0]]
    return option.nodes[group]


def options_with(group: str, node: str) -> list[str]:
    """The options of a group that describe one of its nodes, sorted."""
    return sorted(option.name for option in files() if option.group == group and f"{group}.{node}" in option.nodes)


@cache
def base() -> Any:
    """config.yaml, as it stands there."""
    return _parsed((CONF / "config.yaml").read_text())


def _base_names(path: str) -> frozenset[str]:
    """The names that config.yaml itself sets in the node at `path`."""
    return frozenset(_node(path))


def _node(path: str) -> dict[str, Any]:
    """The node of config.yaml itself at `path`; empty where it has none."""
    node = base()
    for part in path.split("."):
        node = node.get(part, {}) if isinstance(node, dict) else {}
    return node if isinstance(node, dict) else {}


def _read(path: Path) -> Option:
    text = path.read_text()
    group = str(path.parent.relative_to(CONF)) if path.parent != CONF else ""
    tree = _parsed(text) or {}
    based_on = tuple(entry for entry in tree.pop("defaults", ()) if isinstance(entry, str))
    package = re.match(r"# @package (\S+)", text)
    prefix = package.group(1) if package else group.replace("/", ".")
    for part in reversed(prefix.split(".") if prefix not in ("_global_", "") else []):
        tree = {part: tree}
    return Option(group, path.stem, frozenset(_paths(tree)), dict(_nodes(tree)), tuple(_references(tree)), based_on)


def _parsed(text: str) -> Any:
    """YAML, by libyaml where PyYAML has it: a start reads all files of the folder."""
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _paths(tree: dict[str, Any], above: str = "") -> Iterator[str]:
    for name, value in tree.items():
        yield f"{above}{name}"
        if isinstance(value, dict):
            yield from _paths(value, f"{above}{name}.")


def _nodes(tree: dict[str, Any], above: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if "_target_" in tree:
        yield above.removesuffix("."), tree
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _nodes(value, f"{above}{name}.")


def _references(tree: dict[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _references(value, f"{above}{name}.")
        elif isinstance(value, str) and (match := _REFERENCE.fullmatch(value)):
            yield f"{above}{name}", match.group(1)
