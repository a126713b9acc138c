"""What stands in the place of a loss where there is none."""

from typing import final

from torch import Tensor

from gan_lightning.critique import Critique
from gan_lightning.losses import Loss


@final
class NoLoss(Loss):
    """In the place of a loss where a variant has objectives of its own: a score is the logit."""

    def discriminator(self, critique: Critique) -> Tensor:
        """Nothing: the variant overrides `discriminator_objective`. Raises NotImplementedError."""
        raise NotImplementedError("a variant without a loss has a discriminator_objective of its own")

    def generator(self, critique: Critique) -> Tensor:
        """Nothing: the variant overrides `generator_objective`. Raises NotImplementedError."""
        raise NotImplementedError("a variant without a loss has a generator_objective of its own")
