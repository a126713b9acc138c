"""InfoGAN (Chen et al. 2016): codes among the latents that can be read off the samples again."""

import math
from collections.abc import Mapping
from functools import partial
from typing import Any, cast, final

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from gan_lightning.codes import Codes
from gan_lightning.critique import Critic, Critique
from gan_lightning.data.loader import Batch
from gan_lightning.models.base import AdversarialModule
from gan_lightning.networks.discriminator import Discriminator
from gan_lightning.networks.family import Family
from gan_lightning.networks.heads import head


@final
class InfoGAN(AdversarialModule):
    """The game plus a bound on the information between codes and samples, which generator and Q raise (eq. 6).

    The bound is E log Q(c|x) + H(c). Q is a head on the discriminator's features: softmax for the category, a Gaussian
    with its own mean and deviation for each continuous code (sec. 6, appendix C.1). It learns in the discriminator's
    step, from features that the adversarial loss alone shapes.

    Args:
        categories: of the categorical code, at least 2.
        continuous: number of continuous codes.
        categorical_weight, continuous_weight: lambda of either kind.
        head_width: of the one hidden layer of Q's head; 0 for none.
        generator, discriminator: of a family; `latent_dim` is the noise's.
        **game: as for `AdversarialModule`.
    """

    def __init__(
        self,
        categories: int,
        continuous: int,
        categorical_weight: float,
        continuous_weight: float,
        head_width: int,
        generator: Family,
        discriminator: Family,
        **game: Any,
    ) -> None:
        codes = Codes(generator.keywords["latent_dim"], categories, continuous)
        super().__init__(
            generator=partial(generator, latent_dim=codes.dim),
            discriminator=discriminator,
            **game,
        )
        self.prior = self.codes = codes
        self.weights_of_codes = (categorical_weight, continuous_weight)
        features = cast(Discriminator, self.discriminator).feature_dim
        self.guess = head(features, categories + 2 * continuous, head_width, discriminator.keywords["norm"])
        self.parameters_of["discriminator"] += list(self.guess.parameters())
        self.together = self.together and self.speed.joins(self.guess)  # Q's BatchNorm is of the fakes alone

    def critic(self, batch: Batch) -> Critic:
        """The logit of samples, then what Q says of features that it leaves as they are, (N, 1 + M)."""
        return lambda samples: self._said(samples, shaping=False)

    def opponent(self, batch: Batch, real: Tensor, fake: Tensor) -> Critic:
        """The same, with a gradient from Q to the samples."""
        return self.verdict

    def verdict(self, samples: Tensor) -> Tensor:
        """The logit of samples (N, *shape), then what Q says of them, (N, 1 + M)."""
        return self._said(samples, shaping=True)

    def discriminator_terms(self, critique: Critique, batch: Batch, latents: Tensor) -> Mapping[str, Tensor]:
        """-lambda E log Q(c|x) of either kind of code, for Q."""
        return self._surprise(critique, latents)

    def generator_terms(self, critique: Critique, batch: Batch, latents: Tensor) -> Mapping[str, Tensor]:
        """-lambda E log Q(c|x) of either kind of code, for the generator."""
        return self._surprise(critique, latents)

    def _surprise(self, critique: Critique, latents: Tensor) -> Mapping[str, Tensor]:
        _, category, codes = self.codes.split(latents)
        guess = critique.fake_said[:, 1:]
        categorical = cross_entropy(guess[:, : self.codes.num_classes], category)
        mean, log_deviation = guess[:, self.codes.num_classes :].chunk(2, 1)
        continuous = gaussian_surprise(codes, mean, log_deviation)
        if self.watching:
            self.watch("information/categorical", math.log(self.codes.num_classes) - categorical)
            self.watch("information/continuous", self.codes.continuous * math.log(2) - continuous)
        terms = {"codes/categorical": categorical, "codes/continuous": continuous}
        return {name: w * term for w, (name, term) in zip(self.weights_of_codes, terms.items(), strict=True)}

    def categories(self, samples: Tensor) -> Tensor:
        """The likeliest category of samples (N, *shape), (N,)."""
        training = self.guess.training
        self.guess.eval()
        said = self.look(samples)
        self.guess.train(training)
        return said[:, 1 : 1 + self.codes.num_classes].argmax(1)

    def _said(self, samples: Tensor, shaping: bool) -> Tensor:
        network = cast(Discriminator, self.discriminator)
        features = network.features(samples)
        guess = self.guess(features if shaping else features.detach())
        return torch.cat([network.score(features)[:, None], guess], 1)

    def generator_node(self, node: dict[str, Any]) -> dict[str, Any]:
        """The family's node with all entries of the latents."""
        return node | {"latent_dim": self.codes.dim}


def gaussian_surprise(values: Tensor, mean: Tensor, log_deviation: Tensor) -> Tensor:
    """-E log N(values; mean, exp(log_deviation)^2) in nats, all (N, M): summed over M, a scalar mean over N."""
    squares = ((values - mean) * (-log_deviation).exp()).square()
    return (squares / 2 + log_deviation + math.log(2 * math.pi) / 2).sum(1).mean()
