"""From a config's model node to the game on its data."""

from collections.abc import Mapping
from typing import Any

from omegaconf import OmegaConf

from gan_lightning.build import build
from gan_lightning.data.base import MemoryData
from gan_lightning.models.base import AdversarialModule


def assemble(model: Any, data: MemoryData, num_classes: int) -> AdversarialModule:
    """The game that a config's `model` describes, for samples of the data's shape with labels of so many classes.

    Raises:
        UsageError: the parts contradict each other, or don't suit the data.
    """
    module: AdversarialModule = build(model, shape=data.shape, num_classes=num_classes)
    module.networks = told_networks(
        OmegaConf.to_container(model, resolve=True) if OmegaConf.is_config(model) else model
    )
    module.meet(data)
    return module


def told_networks(model: Any) -> dict[str, Any]:
    """What a model's config says of both networks, by such names as `generator` and `generator.activation`."""
    found: dict[str, Any] = {}
    for player in ("generator", "discriminator"):
        node = model.get(player)
        if isinstance(node, Mapping) and "_target_" in node:
            found[player] = ".".join(str(node["_target_"]).split(".")[-2:])
            plain = {key: value for key, value in node.items() if isinstance(value, bool | int | float | str)}
            found |= {f"{player}.{key}": value for key, value in plain.items() if not str(key).startswith("_")}
    return found
