"""A condition into either player of any family: beside the input, in the norms, or at the last layer.

A condition is a vector (N, K): a class one-hot, what lies between classes, or any other numbers, for all that is made
of it is linear. A conditional generator's latents are noise with the condition behind it, (N, noise_dim + K).
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from math import prod
from typing import Any, cast, final

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from gan_lightning.errors import UsageError
from gan_lightning.networks.discriminator import Discriminator
from gan_lightning.networks.family import Family
from gan_lightning.networks.layers import Conditioned, Stack, constrain
from gan_lightning.networks.limits import NO_BATCH_NORM

_WIDEST = 16  # entries of an embedding beside the noise
_SHARED = 128  # of the one that all norms share


class ConditionalGenerator(nn.Module, ABC):
    """Latents (N, noise_dim + K) to samples (N, *shape), around a family's generator.

    Args:
        network: the family's generator.
        noise_dim: entries of noise.
        condition_dim: K, entries of the condition.
    """

    def __init__(self, network: nn.Module, noise_dim: int, condition_dim: int) -> None:
        super().__init__()
        self.network = network
        self.noise_dim = noise_dim
        self.latent_dim = noise_dim + condition_dim

    @abstractmethod
    def enter(self, noise: Tensor, condition: Tensor) -> tuple[Tensor, Tensor | None]:
        """What the family's generator is given: its latents, and the condition of its norms."""

    def forward(self, latents: Tensor) -> Tensor:
        """(N, noise_dim + K) to (N, *shape)."""
        return self.network(*self._entered(latents))

    def first(self, latents: Tensor) -> Tensor:
        """What the family's first layer makes of latents (N, noise_dim + K), (N, F)."""
        return self.network.first(self._entered(latents)[0])  # type: ignore[operator]

    def features(self, latents: Tensor) -> Tensor:
        """What the family's first stage makes of latents (N, noise_dim + K), (N, F')."""
        return self.network.features(*self._entered(latents))  # type: ignore[operator]

    def _entered(self, latents: Tensor) -> tuple[Tensor, Tensor | None]:
        return self.enter(latents[:, : self.noise_dim], latents[:, self.noise_dim :])


@final
class ConcatGenerator(ConditionalGenerator):
    """An embedding of the condition beside the noise (Mirza & Osindero 2014, arXiv:1411.1784).

    It has an entry for each of the condition's, at most 16: wider, it outweighs the noise from the start, and a class
    becomes a single sample.

    Args:
        make: the family's generator.
        condition_dim: K.
        shape: of a sample.
    """

    def __init__(self, make: Family, condition_dim: int, shape: tuple[int, ...]) -> None:
        noise_dim, width = make.keywords["latent_dim"], min(condition_dim, _WIDEST)
        super().__init__(make(shape=shape, latent_dim=noise_dim + width), noise_dim, condition_dim)
        self.embedding = _embedding(condition_dim, width, "none")

    def enter(self, noise: Tensor, condition: Tensor) -> tuple[Tensor, Tensor | None]:
        """Noise and embedding side by side; the norms see no condition."""
        return torch.cat([noise, self.embedding(condition)], 1), None


@final
class NormGenerator(ConditionalGenerator):
    """A gain and a shift for each class in every BatchNorm (de Vries et al. 2017, arXiv:1707.00683).

    They are linear in an embedding of the condition that all norms share (Brock et al. 2019, arXiv:1809.11096, sec. 3).

    Args:
        make: the family's generator.
        condition_dim: K.
        shape: of a sample.

    Raises:
        UsageError: the generator has no BatchNorm.
    """

    def __init__(self, make: Family, condition_dim: int, shape: tuple[int, ...]) -> None:
        super().__init__(make(shape=shape), make.keywords["latent_dim"], condition_dim)
        if not _condition_norms(self.network, _SHARED):
            raise UsageError(NO_BATCH_NORM)
        self.embedding = _embedding(condition_dim, _SHARED, "none")

    def enter(self, noise: Tensor, condition: Tensor) -> tuple[Tensor, Tensor | None]:
        """The noise alone; the norms see the condition's embedding."""
        return noise, self.embedding(condition)


class ConditionalDiscriminator(nn.Module, ABC):
    """Samples (N, *shape) and conditions (N, K) to logits (N,), around a family's discriminator."""

    @abstractmethod
    def forward(self, samples: Tensor, condition: Tensor) -> Tensor:
        """(N, *shape) and (N, K) to (N,)."""


@final
class ConcatDiscriminator(ConditionalDiscriminator):
    """An embedding of the condition beside the input: one more channel of an image, or as many numbers as a point has.

    Args:
        make: the family's discriminator.
        condition_dim: K.
        shape: of a sample.
    """

    def __init__(self, make: Family, condition_dim: int, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.plane = (1, *shape[1:]) if len(shape) == 3 else shape
        self.network = make(shape=(shape[0] + self.plane[0], *shape[1:]))
        self.embedding = _embedding(condition_dim, prod(self.plane), make.keywords["norm"])

    def forward(self, samples: Tensor, condition: Tensor) -> Tensor:
        """(N, *shape) and (N, K) to (N,)."""
        plane = self.embedding(condition).unflatten(1, self.plane)
        return self.network(torch.cat([samples, plane.to(samples.dtype)], 1))


@final
class ProjectionDiscriminator(ConditionalDiscriminator):
    """The inner product of the condition's embedding and the last features, added to the logit.

    Miyato & Koyama 2018, "cGANs with Projection Discriminator" (arXiv:1802.05637), eq. 4.

    Args:
        make: the family's discriminator.
        condition_dim: K.
        shape: of a sample.
    """

    def __init__(self, make: Family, condition_dim: int, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.network = make(shape=shape)
        feature_dim = cast(Discriminator, self.network).feature_dim
        self.embedding = _embedding(condition_dim, feature_dim, make.keywords["norm"], std=feature_dim**-0.5)

    def forward(self, samples: Tensor, condition: Tensor) -> Tensor:
        """(N, *shape) and (N, K) to (N,)."""
        network = cast(Discriminator, self.network)
        features = network.features(samples)
        return network.score(features) + (self.embedding(condition) * features).sum(1)


@final
class ConditionalBatchNorm(Conditioned):
    """BatchNorm whose gain, 1 at the start, and shift, 0, depend on the condition.

    Args:
        norm: what it stands for, whose own gain and shift are dropped.
        condition_dim: K.
    """

    def __init__(self, norm: _BatchNorm, condition_dim: int) -> None:
        super().__init__()
        self.norm = type(norm)(norm.num_features, norm.eps, norm.momentum, affine=False)
        self.gain = nn.Linear(condition_dim, norm.num_features, bias=False)
        self.shift = nn.Linear(condition_dim, norm.num_features, bias=False)
        nn.init.zeros_(self.gain.weight)
        nn.init.zeros_(self.shift.weight)

    def forward(self, values: Tensor, condition: Tensor | None = None) -> Tensor:
        """(N, C, ...) and (N, K) to (N, C, ...)."""
        assert condition is not None
        each = (-1, *[1] * (values.dim() - 2))
        gain, shift = 1 + self.gain(condition).unflatten(1, each), self.shift(condition).unflatten(1, each)
        return self.norm(values) * gain + shift


GENERATORS: dict[str, type[ConcatGenerator] | type[NormGenerator]] = {
    "concat": ConcatGenerator,
    "cbn": NormGenerator,
    "projection": NormGenerator,
}
DISCRIMINATORS: dict[str, type[ConcatDiscriminator] | type[ProjectionDiscriminator]] = {
    "concat": ConcatDiscriminator,
    "cbn": ConcatDiscriminator,
    "projection": ProjectionDiscriminator,
}
"""What each `network.conditioning` makes of the two players, called with (make, condition_dim, shape=)."""


def conditional_node(conditioning: str, node: Mapping[str, Any], condition_dim: int) -> dict[str, Any]:
    """The config node of a conditional generator around a family's."""
    made = GENERATORS[conditioning]
    target = f"{made.__module__}.{made.__name__}"
    return {"_target_": target, "_partial_": True, "make": dict(node), "condition_dim": condition_dim}


def _embedding(condition_dim: int, width: int, norm: str, std: float = 1.0) -> nn.Linear:
    """A vector a class with normal entries, constrained as the network's layers are."""
    embedding = nn.Linear(condition_dim, width, bias=False)
    nn.init.normal_(embedding.weight, std=std)
    return constrain(embedding, norm)


def _condition_norms(network: nn.Module, condition_dim: int) -> int:
    """Put a conditional BatchNorm in the place of every BatchNorm; returns how many there were."""
    replaced = 0
    for stack in [module for module in network.modules() if isinstance(module, Stack)]:
        for place, layer in enumerate(stack):
            if isinstance(layer, _BatchNorm):
                stack[place] = ConditionalBatchNorm(layer, condition_dim)
                replaced += 1
    return replaced
