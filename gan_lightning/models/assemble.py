"""From a config's model node to the game on its data."""

from typing import Any

from gan_lightning.build import build
from gan_lightning.data.base import MemoryData
from gan_lightning.models.base import AdversarialModule


def assemble(model: Any, data: MemoryData, num_classes: int) -> AdversarialModule:
    """The game that a config's `model` describes, for samples of the data's shape with labels of so many classes.

    Raises:
        UsageError: the parts contradict each other, or don't suit the data.
    """
    module: AdversarialModule = build(model, shape=data.shape, num_classes=num_classes)
    module.meet(data)
    return module
