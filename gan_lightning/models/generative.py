"""What is drawn from a game's generator, shown of it, and asked of its discriminator."""

from abc import ABC
from collections.abc import Callable
from typing import Any, Literal, TypeAlias, cast

import torch
from lightning import LightningModule
from torch import Tensor, nn

from gan_lightning.critique import logits_of
from gan_lightning.data.base import MemoryData
from gan_lightning.losses import Loss
from gan_lightning.models.average import MovingAverage
from gan_lightning.no_loss import NoLoss
from gan_lightning.priors import Normal, Prior, Showcase

Weights: TypeAlias = Literal["ema", "raw"]
"""Which generator: the averaged one, or the one that is being trained."""


_PLAIN = frozenset({bool, float, int, str, type(None)})


class GenerativeModule(LightningModule, ABC):
    """A generator, its moving average, and the discriminator beside it.

    Args:
        shape: of one sample, without the batch.
        num_classes: of the data's labels, 0 where it has none.
        generator: called with `shape=`, makes a network from (N, latent_dim) to (N, *shape).
        discriminator: called with `shape=`, makes a network from (N, *shape) to logits (N,).
        loss: in whose terms the discriminator's scores are told; None of a variant with objectives of its own.
        ema: decay of the moving average of the generator, in [0, 1); 0 keeps none.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        num_classes: int,
        generator: Callable[..., nn.Module],
        discriminator: Callable[..., nn.Module],
        loss: Loss | None,
        ema: float,
    ) -> None:
        super().__init__()
        self.shape, self.num_classes = shape, num_classes
        self.networks: dict[str, Any] = {}  # what is known of their settings, by such names as generator.activation
        self.generator = generator(shape=shape)
        self.discriminator = discriminator(shape=shape)
        self.average = MovingAverage(self.generator, ema) if ema else None
        self.prior: Prior = Normal(cast(int, self.generator.latent_dim))
        self.loss = NoLoss() if loss is None else loss

    def __setattr__(self, name: str, value: Any) -> None:
        """As any module's; but plain values over plain values go where they belong without its many questions, for
        Lightning notes the name of each hook that it calls, two dozen times an iteration."""
        if type(value) in _PLAIN and name in self.__dict__:
            self.__dict__[name] = value
        else:
            super().__setattr__(name, value)

    @property
    def weights(self) -> tuple[Weights, ...]:
        """The generators there are: the averaged one, if one is kept, before the raw one."""
        return ("ema", "raw") if self.average is not None else ("raw",)

    def meet(self, data: MemoryData) -> None:
        """Called once with the source that the game is played on, whose samples need not be loaded; for variants that
        start from more than its shape. Raises UsageError if it does not suit them."""

    def latents(self, n: int, randomness: torch.Generator | None = None) -> Tensor:
        """Latents (n, latent_dim) of the prior on the module's device; `randomness` is a CPU generator."""
        dtype = cast(torch.dtype, self.dtype)
        if randomness is None:
            return self.prior.draw(n, None, self.device, dtype)
        return self.prior.draw(n, randomness).to(self.device, dtype)

    def showcase(self, n: int, randomness: torch.Generator) -> Showcase:
        """About n latents that show what the generator does, on the CPU."""
        return self.prior.showcase(n, randomness)

    def exhibit(self, latents: Tensor) -> Tensor:
        """What pictures of training show of a showcase's latents: samples (n, *shape) of the averaged generator."""
        return self(latents)

    def forward(self, latents: Tensor) -> Tensor:
        """Latents (N, latent_dim) to samples (N, *shape), by the averaged generator if one is kept."""
        return self.sample(latents, self.weights[0])

    def generator_node(self, node: dict[str, Any]) -> dict[str, Any]:
        """The config node of this game's generator, called with `shape=`, where `node` is that of its network."""
        return node

    def network(self, weights: Weights) -> nn.Module:
        """The generator of that name; raw where none is averaged."""
        return self.generator if self.average is None or weights == "raw" else self.average.generator

    @property
    def is_as_averaged(self) -> bool:
        """Whether the raw generator is its average to the bit, as before training."""
        if self.average is None:
            return False
        ours, averaged = self.generator.state_dict(), self.average.generator.state_dict()
        return all(torch.equal(value, averaged[name]) for name, value in ours.items())

    @torch.no_grad()
    def sample(self, latents: Tensor, weights: Weights, batch_size: int = 500) -> Tensor:
        """Latents (N, latent_dim) to samples (N, *shape), float32, in eval mode, at most `batch_size` at a time."""
        generator = self.network(weights)
        training = generator.training
        generator.eval()
        samples = torch.cat([generator(chunk).float() for chunk in latents.split(batch_size)])
        generator.train(training)
        return samples

    def judge(self, samples: Tensor) -> Tensor:
        """The discriminator's logits (N,), float32, of samples (N, *shape)."""
        return logits_of(self.look(samples))

    def categories(self, samples: Tensor) -> Tensor | None:
        """The class or code (N,) that the discriminator takes samples (N, *shape) for; None if it names none."""
        return None

    @torch.no_grad()
    def look(self, samples: Tensor) -> Tensor:
        """All that the discriminator says of samples (N, *shape), float32; eval mode leaves its statistics alone."""
        discriminator = self.discriminator
        training = discriminator.training
        discriminator.eval()
        said = self.verdict(samples.to(self.device, cast(torch.dtype, self.dtype))).float()
        discriminator.train(training)
        return said

    def verdict(self, samples: Tensor) -> Tensor:
        """What the discriminator says of samples (N, *shape) of which nothing else is known, (N,) or (N, 1 + M)."""
        return cast(Tensor, self.discriminator(samples))

    def score(self, samples: Tensor) -> Tensor:
        """What the discriminator says of samples (N, *shape) in the loss's terms, (N,): a probability or a logit."""
        return self.loss.score(self.judge(samples))

    def divergence_bound(self, real: Tensor, fake: Tensor) -> Tensor | None:
        """The lower bound of the Jensen-Shannon divergence in nats that the discriminator gives of real and generated
        samples (N, *shape), a scalar; None where what it judges are not samples, or the loss gives none."""
        return self.loss.jensen_shannon(self.judge(real), self.judge(fake))

    @property
    def scores_are_probabilities(self) -> bool:
        """Whether a score lies in [0, 1], a half of it being undecided."""
        extremes = self.loss.score(torch.tensor([-1e3, 1e3]))
        return float(extremes.min()) >= 0 and float(extremes.max()) <= 1
