"""What stands in the place of a loss where there is none."""

from typing import final

from torch import Tensor

from gan_lightning.critique import Critique
from gan_lightning.losses import Loss


@final
class NoLoss(Loss):
    """In the place of a loss where a variant has objectives of its own: a score is the logit."""

    def discriminator(self, critique: Critique) -> Tensor:
        """Never asked of a variant that says itself what its players minimise. Raises NotImplementedError."""
        raise NotImplementedError("a variant with own_objectives must say what its discriminator minimises")

    def generator(self, critique: Critique) -> Tensor:
        """The same of the generator. Raises NotImplementedError."""
        raise NotImplementedError("a variant with own_objectives must say what its generator minimises")
