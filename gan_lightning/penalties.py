"""Gradient penalties on the critic, each a scalar with its weight applied; several at once are summed.

A gradient is one vector a sample, (N, D); norms are over the whole sample, never over channels or the batch.
"""

from abc import ABC, abstractmethod

import torch
from torch import Tensor
from torch.linalg import vector_norm
from torch.nn.functional import relu

from gan_lightning.critique import Critique


class Penalty(ABC):
    """A term added to the discriminator's loss.

    Args:
        weight: the factor in front (lambda or gamma / 2 in the papers), at least 0.
        every: iterations between two that have the term, which then counts so many times as much: lazy regularisation
            (Karras et al. 2020, arXiv:1912.04958, sec. 3.1, who take 16 for R1). 1 has it in each.
    """

    def __init__(self, weight: float, every: int) -> None:
        self.weight = weight * every
        self.every = every

    def due(self, step: int) -> bool:
        """Whether the iteration behind `step` others has the term; each logged one has, where that is a multiple."""
        return (step + 1) % self.every == 0

    @abstractmethod
    def __call__(self, critique: Critique) -> Tensor:
        """The term for one critique, a scalar, weight applied."""


class Gradient(Penalty):
    """WGAN-GP (Gulrajani et al. 2017, eq. 3): lambda E (|grad f(x)| - target)^2 between the real and the fake samples.

    Args:
        weight, every: lambda, and as for `Penalty`.
        target: the slope that is asked for, 1 in the paper.
        one_sided: punish only slopes above the target (Petzka et al. 2018, WGAN-LP).
    """

    def __init__(self, weight: float, target: float, one_sided: bool, every: int) -> None:
        super().__init__(weight, every)
        self.target = target
        self.one_sided = one_sided

    def __call__(self, critique: Critique) -> Tensor:
        """lambda E (|grad f(x)|_2 - target)^2 with x uniform on the segment between a real and a fake sample."""
        real, fake = critique.real, critique.fake
        share = torch.rand(len(real), *[1] * (real.dim() - 1), dtype=real.dtype, device=real.device)  # one a sample
        excess = vector_norm(critique.gradient(torch.lerp(real, fake, share)), dim=1) - self.target
        return self.weight * (relu(excess) if self.one_sided else excess).square().mean()


class R1(Penalty):
    """R1 (Mescheder et al. 2018, eq. 9): weight E |grad D(x)|^2 on real samples; their gamma / 2 is the weight here."""

    def __call__(self, critique: Critique) -> Tensor:
        """weight E |grad D(x)|_2^2, a scalar."""
        return self.weight * critique.real_gradient.square().sum(1).mean()


class R2(Penalty):
    """R2 (Mescheder et al. 2018, eq. 10): weight E |grad D(G(z))|^2 on fake samples."""

    def __call__(self, critique: Critique) -> Tensor:
        """weight E |grad D(G(z))|_2^2, a scalar."""
        return self.weight * critique.fake_gradient.square().sum(1).mean()


class Dragan(Penalty):
    """DRAGAN (Kodali et al. 2017, sec. 2.3): lambda E (|grad D(x + delta)| - target)^2 around the data.

    Args:
        weight, every: lambda, and as for `Penalty`.
        target: the slope that is asked for, 1 in the paper.
        noise: size of the perturbation in standard deviations of the batch, 0.5 in the authors' code.
    """

    def __init__(self, weight: float, target: float, noise: float, every: int) -> None:
        super().__init__(weight, every)
        self.target = target
        self.noise = noise

    def __call__(self, critique: Critique) -> Tensor:
        """lambda E (|grad D(x + noise std(x) u)|_2 - target)^2 with u uniform in [0, 1), a scalar."""
        real = critique.real.detach()
        perturbed = real + self.noise * real.std() * torch.rand_like(real)
        slope = vector_norm(critique.gradient(perturbed), dim=1)
        return self.weight * (slope - self.target).square().mean()
