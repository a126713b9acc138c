"""What is known of each variant: the head of its config, and the settings it starts with; imports no torch."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from gan_lightning.errors import UsageError
from gan_lightning.schema import CONF, default, options

FACTS = ("paper", "discriminator", "generator", "mends", "fails", "defaults")
"""What the head of each variant's config says, in this order."""

_FACT = re.compile(r"#   (\w+): (.*)")
_MORE = "#     "
_OVERRIDE = "override /"


class Card(NamedTuple):
    """A variant in a few lines."""

    title: str
    facts: dict[str, str]
    """By the names in `FACTS`."""


class Setting(NamedTuple):
    """A value that a variant starts with."""

    key: str
    """As on the command line; a class stands at its node."""
    value: Any
    file: str
    """The config file that sets it, under conf/."""


def names() -> list[str]:
    """All variants, sorted."""
    return options("model")


def card(variant: str) -> Card:
    """The head of a variant's config. Raises UsageError for an unknown one."""
    title: list[str] = []
    facts: dict[str, str] = {}
    for line in _path("model", _known(variant)).read_text().splitlines()[1:]:
        if not line.startswith("#"):
            break
        if fact := _FACT.match(line):
            facts[fact.group(1)] = fact.group(2)
        elif line.startswith(_MORE) and facts:
            last = next(reversed(facts))
            facts[last] += " " + line.removeprefix(_MORE)
        else:
            title.append(line.removeprefix("# "))
    return Card(" ".join(title), facts)


def settings(variant: str) -> list[Setting]:
    """Loss, penalties, optimizer, schedule and the variant's own settings, sorted by key; later files win."""
    chosen = {group: default(group) for group in ("loss", "optimizer", "schedule")}  # until overridden
    path = _path("model", _known(variant))
    own = yaml.safe_load(path.read_text())
    penalties: list[str] = []
    for entry in own.pop("defaults", []):
        for group, option in entry.items():
            name = group.removeprefix(_OVERRIDE)
            if name == "penalty":
                penalties = list(option)
            else:
                chosen[name] = option
    found: dict[str, Setting] = {}
    for name, option in chosen.items():
        if option is not None:
            _add(found, _path(name, option), f"{name}.")
    for option in penalties:
        _add(found, _path("penalty", option), "penalty.")
    _add(found, path, "", own)
    return sorted(found.values())


def recipes(variant: str) -> dict[str, list[Setting]]:
    """What changes on data that the variant has a recipe for, by the name of the data."""
    found = {}
    for path in sorted((CONF / "recipe").glob(f"*_{_known(variant)}.yaml")):
        data = path.stem.removesuffix(f"_{variant}")
        if data in options("data"):  # gaussians_wgan_gp is no recipe of gp on gaussians_wgan
            changes: dict[str, Setting] = {}
            _add(changes, path, "")
            found[data] = sorted(changes.values())
    return found


def fitting_data(variant: str) -> str:
    """Images that the variant can be trained on, by the name of the data."""
    needs = yaml.safe_load(_path("model", _known(variant)).read_text()).get("needs", [])
    return "unpaired_mnist" if "pairs" in needs else "mnist"


def _known(variant: str) -> str:
    if variant not in names():
        close = get_close_matches(variant, names(), n=1)
        guess = f", did you mean {close[0]}?" if close else ""
        raise UsageError(f"{variant}: no such variant{guess}; there is {', '.join(names())}")
    return variant


def _path(group: str, option: str) -> Path:
    return CONF / group / f"{option}.yaml"


def _add(found: dict[str, Setting], path: Path, prefix: str, tree: Any = None) -> None:
    file = str(path.relative_to(CONF))
    for key, value in _leaves(yaml.safe_load(path.read_text()) if tree is None else tree, prefix):
        found[key] = Setting(key, value, file)


def _leaves(tree: dict[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{name}.")
        elif name == "_target_":
            yield prefix.removesuffix("."), value.split(".")[-1]
        elif name not in ("_partial_", "defaults") and not str(value).startswith("${"):  # what refers to another key
            yield f"{prefix}{name}", value
