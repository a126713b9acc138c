"""What a job is known by: its overrides; and what its folder is called: what differs between jobs."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

_LONGEST = 100  # characters of a folder's name; file systems take 255 bytes, TensorBoard shows about so many
_UNSAFE = re.compile(r"[^A-Za-z0-9._+=,-]+")
_OWN = ("sweep.resume", "hydra.", "hydra/")


def identity(overrides: Sequence[str]) -> list[str]:
    """What makes a job this one: its overrides in any order, without how the sweep is run."""
    return sorted(override for override in overrides if not override.lstrip("+~").startswith(_OWN))


def key_of(override: str) -> str:
    """`model.n_critic` of `+model.n_critic=5`."""
    return override.lstrip("+~").partition("=")[0]


def short_names(keys: Sequence[str]) -> dict[str, str]:
    """As many of a key's last parts as tell it from the others: `n_critic` of `model.n_critic`."""
    names = {}
    for key in keys:
        parts = re.split(r"[./]", key)
        for count in range(1, len(parts) + 1):
            name = ".".join(parts[-count:])
            if sum(other == key or re.split(r"[./]", other)[-count:] == parts[-count:] for other in keys) == 1:
                break
        names[key] = name
    return names


def varied(overrides: Sequence[str], keys: Sequence[str]) -> dict[str, Any]:
    """The values of a job's swept keys, under short names."""
    names = short_names(keys)
    values = {key_of(override): override.partition("=")[2] for override in overrides}
    return {names[key]: plain_value(values[key]) for key in keys if key in values}


def plain_value(text: str) -> Any:
    """A number, a flag or null as such, all else as it is written."""
    try:
        return float(text) if re.fullmatch(r"[-+]?\d+(\.\d*)?[eE][-+]?\d+", text) else _scalar(text)
    except yaml.YAMLError:
        return text


def shown(value: Any) -> str:
    """A value as one would write it: 1e-4 and not 0.0001."""
    if isinstance(value, bool) or value is None:
        return "null" if value is None else str(value).lower()
    if isinstance(value, float):
        text = f"{value:.4g}"
        mantissa, _, exponent = f"{value:.3e}".partition("e")
        short = f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
        return short if value and (abs(value) < 0.01 or abs(value) >= 1e5) else text
    return str(value)


def folder_name(number: int, values: Mapping[str, Any]) -> str:
    """`3_lr=1e-4,n_critic=5`: safe on every file system, and not too long."""
    told = ",".join(f"{name}={shown(value)}" for name, value in values.items())
    return "_".join(part for part in (str(number), _UNSAFE.sub("_", told)) if part)[:_LONGEST].rstrip("._, ")


def _scalar(text: str) -> Any:
    value = yaml.safe_load(text)
    return value if isinstance(value, bool | int | float) or (value is None and text == "null") else text
