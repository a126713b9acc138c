"""Auxiliary classifier GAN (Odena et al. 2017): the discriminator names the class instead of being told."""

from collections.abc import Mapping
from functools import partial
from typing import Any, final

from torch import Tensor
from torch.nn.functional import cross_entropy

from gan_lightning import guards
from gan_lightning.critique import Critique
from gan_lightning.data.loader import Batch
from gan_lightning.models.base import AdversarialModule
from gan_lightning.networks.conditional import GENERATORS, conditional_node
from gan_lightning.networks.family import Family
from gan_lightning.networks.heads import HeadedDiscriminator
from gan_lightning.priors import Labelled


@final
class ACGAN(AdversarialModule):
    """A conditional generator against a discriminator that also classifies, of which both players want it right.

    Args:
        conditioning: how the class enters the generator, by name: `concat` or `cbn`.
        class_weight: of the classes' cross-entropy beside the adversarial loss, 1 in the paper.
        learns_from_fakes: whether the discriminator learns classes from generated samples too, as in the paper: then it
            learns the generator's mistakes as well.
        num_classes: of the data's labels.
        generator, discriminator: of a family.
        **game: as for `AdversarialModule`.

    Raises:
        UsageError: the data have no labels, or the conditioning doesn't suit the generator.
    """

    def __init__(
        self,
        conditioning: str,
        class_weight: float,
        learns_from_fakes: bool,
        num_classes: int,
        generator: Family,
        discriminator: Family,
        **game: Any,
    ) -> None:
        guards.check_labels(num_classes)
        guards.check_conditioned_generator(conditioning)
        super().__init__(
            num_classes=num_classes,
            generator=partial(GENERATORS[conditioning], generator, num_classes),
            discriminator=partial(HeadedDiscriminator, discriminator, num_classes, 0),
            **game,
        )
        self.conditioning, self.class_weight = conditioning, class_weight
        self.learns_from_fakes = learns_from_fakes
        self.prior = self.classes = Labelled(generator.keywords["latent_dim"], num_classes)

    def latents_beside(self, batch: Batch) -> Tensor:
        """Noise, and the batch's own classes."""
        assert batch.labels is not None
        return self.classes.beside(batch.labels, batch.real.dtype)

    def discriminator_terms(self, critique: Critique, batch: Batch, latents: Tensor) -> Mapping[str, Tensor]:
        """The cross-entropy of the classes of real samples, and of generated ones where it is to learn from them."""
        real = self._misread(critique.real_said, batch)
        return {"class/real": real} | (self._asked(critique, batch) if self.learns_from_fakes else {})

    def generator_terms(self, critique: Critique, batch: Batch, latents: Tensor) -> Mapping[str, Tensor]:
        """The cross-entropy of the classes that the generator was asked for."""
        return self._asked(critique, batch)

    def categories(self, samples: Tensor) -> Tensor:
        """The likeliest class of samples (N, *shape), (N,)."""
        return self.look(samples)[:, 1:].argmax(1)

    def generator_node(self, node: dict[str, Any]) -> dict[str, Any]:
        """The family's node, and what puts the class in."""
        return conditional_node(self.conditioning, node, self.num_classes)

    def _asked(self, critique: Critique, batch: Batch) -> dict[str, Tensor]:
        return {"class/fake": self._misread(critique.fake_said, batch)}

    def _misread(self, said: Tensor, batch: Batch) -> Tensor:
        assert batch.labels is not None
        return self.class_weight * cross_entropy(said[:, 1:], batch.labels)
