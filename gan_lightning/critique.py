"""What one critic says of one real and one fake batch: evaluated on first use, and at most once."""

from collections.abc import Callable
from typing import Literal, TypeAlias

import torch
from torch import Tensor

from gan_lightning.precision import full_precision, is_lower

Critic: TypeAlias = Callable[[Tensor], Tensor]
"""Samples (N, *shape) to logits (N,), or to (N, 1 + M): the logit, then M other things that the network says.

A critic of patches gives a map of logits, (N, 1, H', W'). Labels and augmentation are already bound.
"""
_FULL = (torch.float32, torch.float64)


class Critique:
    """One critic on one pair of batches, shared by the loss, the penalties and the log.

    Args:
        critic: see `Critic`. Of a map of logits losses take the mean, over the batch too, and a sample's gradient is
            that of the mean over its map.
        real: real samples (N, *shape).
        fake: generated samples (N, *shape); their graph is kept only if they came with one.
        together: one forward pass for both sides, for a critic whose word on a sample depends on that sample alone.

    Penalties come first: a gradient at the real or the fake batch then goes through the very forward pass that the
    loss uses, so R1 costs one backward pass and no forward pass of its own.
    """

    def __init__(self, critic: Critic, real: Tensor, fake: Tensor, together: bool = False) -> None:
        self.critic = critic
        self.real = real
        self.fake = fake
        self.together = together
        self._known: dict[str, Tensor] = {}

    @property
    def real_said(self) -> Tensor:
        """All that the critic says of the real batch, (N,) or (N, 1 + M)."""
        return self._said("real")

    @property
    def fake_said(self) -> Tensor:
        """All that the critic says of the fake batch, (N,) or (N, 1 + M)."""
        return self._said("fake")

    def _said(self, side: Literal["real", "fake"]) -> Tensor:
        if side not in self._known:
            if self.together:
                both = _raised(self.critic(torch.cat([self.real, self.fake]))).chunk(2)
                self._known["real"], self._known["fake"] = both
            else:
                self._known[side] = _raised(self.critic(self.real if side == "real" else self.fake))
        return self._known[side]

    @property
    def real_logits(self) -> Tensor:
        """Logits of the real batch, (N,), or a map of them each."""
        return logits_of(self.real_said)

    @property
    def fake_logits(self) -> Tensor:
        """Logits of the fake batch, (N,), or a map of them each."""
        return logits_of(self.fake_said)

    @property
    def real_gradient(self) -> Tensor:
        """Gradient of the critic at the real samples, (N, D), on the loss's own forward pass where that is exact."""
        if "real_gradient" not in self._known:
            if self._shares_forward("real", self.real):
                self.real = self.real.detach().requires_grad_()
                self._known["real_gradient"] = _input_gradient(self.real_logits, self.real)
            else:
                self._known["real_gradient"] = self.gradient(self.real)
        return self._known["real_gradient"]

    @property
    def fake_gradient(self) -> Tensor:
        """Gradient of the critic at the fake samples, (N, D), on the loss's own forward pass where that is exact."""
        if "fake_gradient" not in self._known:
            if self._shares_forward("fake", self.fake):
                self.fake = self.fake.detach().requires_grad_()
                self._known["fake_gradient"] = _input_gradient(self.fake_logits, self.fake)
            else:
                self._known["fake_gradient"] = self.gradient(self.fake)
        return self._known["fake_gradient"]

    def gradient(self, points: Tensor) -> Tensor:
        """Gradient of the critic at any points (N, *shape), as (N, D): float32 and detached from what made them."""
        with full_precision(points.device):
            points = _raised(points.detach()).requires_grad_()
            return _input_gradient(logits_of(self.critic(points)), points)

    def accuracies(self) -> dict[str, Tensor]:
        """How often the critic is right by the logit's sign, a share of either side, by the names for the log."""
        return {
            "accuracy/real": (self.real_logits > 0).float().mean(),
            "accuracy/fake": (self.fake_logits < 0).float().mean(),
        }

    def exchanged(self) -> "Critique":
        """The same with real and fake in each other's place; both are evaluated now, and not again."""
        other = Critique(self.critic, self.fake, self.real)
        other._known.update(real=self.fake_said, fake=self.real_said)
        return other

    def _shares_forward(self, side: str, samples: Tensor) -> bool:
        """Whether the loss's pass can serve: not yet evaluated, no graph behind the samples, full precision.

        Then it is a pass of its own side alone, for the gradient would go through the other's in vain.
        """
        lower = is_lower(samples.device)
        shares = side not in self._known and not samples.requires_grad and not lower
        if shares:
            self.together = False
        return shares


def logits_of(said: Tensor) -> Tensor:
    """The logits (N,), or the map of them (N, H', W'), in what a critic says."""
    return said if said.dim() == 1 else said[:, 0]


def _input_gradient(logits: Tensor, points: Tensor) -> Tensor:
    total = logits.sum() if logits.dim() == 1 else logits.flatten(1).mean(1).sum()
    (gradient,) = torch.autograd.grad(total, points, create_graph=True)
    return gradient.flatten(1)  # (N, *shape) -> (N, D): the norm is over the whole sample


def _raised(values: Tensor) -> Tensor:
    """What is in lower precision, in float32: what becomes of it are means, differences and derivatives."""
    return values if values.dtype in _FULL else values.float()
