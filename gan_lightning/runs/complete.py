"""A run of an earlier version gets the settings that its config could not have yet; imports no torch.

A new setting's shipped value is what was done before there was one, so the run stays what it was; up to rounding where
it is a lever of `gan_lightning.speed` that leaves numbers as they are.
"""

from typing import Any

from gan_lightning import schema

_OWN = "gan_lightning."


def complete(config: dict[str, Any]) -> None:
    """Set in a run's plain config what this version's config folder sets and that one does not.

    That is: the settings of the package's own classes, groups that games are made of, and single values at the top.
    """
    for path, source in schema.references():
        if path == f"model.{source}" and source in schema.groups() and source not in config["model"]:
            config.setdefault(source, dict(schema.group_default(source)))
    for name, value in schema.base().items():
        if name in ("defaults", "hydra", "folder"):  # the last is each run's own
            continue
        if not isinstance(value, dict):
            config.setdefault(name, value)
        elif isinstance(config.get(name), dict):
            _fill(config[name], {key: inner for key, inner in value.items() if not isinstance(inner, dict)})
    _add_to(config)


def _add_to(node: Any) -> None:
    if isinstance(node, dict):
        target = node.get("_target_")
        if isinstance(target, str) and target.startswith(_OWN):
            _fill(node, schema.settings(target))
        for inner in list(node.values()):
            _add_to(inner)
    elif isinstance(node, list):
        for inner in node:
            _add_to(inner)


def _fill(node: dict[str, Any], settings: dict[str, Any]) -> None:
    for name, value in settings.items():
        node.setdefault(name, value)
