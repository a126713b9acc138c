"""Conditional GAN (Mirza & Osindero 2014): both players see the class."""

from functools import partial
from typing import Any, cast, final

from torch import Tensor
from torch.nn.functional import one_hot

from gan_lightning import guards
from gan_lightning.critique import Critic
from gan_lightning.data.loader import Batch
from gan_lightning.models.base import AdversarialModule
from gan_lightning.networks.conditional import DISCRIMINATORS, GENERATORS, conditional_node
from gan_lightning.networks.family import Family
from gan_lightning.priors import Labelled


@final
class ConditionalGAN(AdversarialModule):
    """The game for each class at once: the generator is asked for the very classes of the real minibatch.

    Args:
        conditioning: how the class enters the players, by name: `concat`, `cbn` or `projection`.
        num_classes: of the data's labels.
        generator, discriminator: of a family; either gets the class on top.
        **game: as for `AdversarialModule`.

    Raises:
        UsageError: the data have no labels, or the conditioning doesn't suit the networks.
    """

    def __init__(
        self, conditioning: str, num_classes: int, generator: Family, discriminator: Family, **game: Any
    ) -> None:
        guards.check_labels(num_classes)
        super().__init__(
            num_classes=num_classes,
            generator=partial(GENERATORS[conditioning], generator, num_classes),
            discriminator=partial(DISCRIMINATORS[conditioning], discriminator, num_classes),
            **game,
        )
        self.conditioning = conditioning
        self.prior = self.classes = Labelled(generator.keywords["latent_dim"], num_classes)

    def latents_beside(self, batch: Batch) -> Tensor:
        """Noise, and the batch's own classes."""
        assert batch.labels is not None
        return self.classes.beside(batch.labels, batch.real.dtype)

    def critic(self, batch: Batch) -> Critic:
        """The discriminator with the batch's classes bound, of one side or of both one behind the other."""
        assert batch.labels is not None
        condition = one_hot(batch.labels, self.num_classes).to(batch.real.dtype)
        return lambda samples: self.discriminator(samples, condition.repeat(len(samples) // len(condition), 1))

    def verdict(self, samples: Tensor) -> Tensor:
        """The discriminator's logits (N,) of samples (N, *shape), undecided between the classes."""
        undecided = samples.new_full((len(samples), self.num_classes), 1 / self.num_classes)
        return cast(Tensor, self.discriminator(samples, undecided))

    def generator_node(self, node: dict[str, Any]) -> dict[str, Any]:
        """The family's node, and what puts the class in."""
        return conditional_node(self.conditioning, node, self.num_classes)
