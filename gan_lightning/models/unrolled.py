"""Unrolled GAN (Metz et al. 2017): the generator looks ahead at how the discriminator will answer."""

from collections.abc import Mapping
from typing import Any, TypeAlias, cast, final

import torch
from torch import Tensor
from torch.func import functional_call

from gan_lightning import guards
from gan_lightning.critique import Critic, Critique
from gan_lightning.data.loader import Batch
from gan_lightning.models.base import AdversarialModule
from gan_lightning.precision import full_precision

Weights: TypeAlias = dict[str, Tensor]


@final
class UnrolledGAN(AdversarialModule):
    """The generator plays against the discriminator of k steps later, and its gradient goes through those steps.

    They are steps of plain gradient descent on the discriminator's loss and penalties, on the minibatch and the latents
    of the generator's step (sec. 2.2); the discriminator itself takes its ordinary step. Both sides of the critique
    then depend on the generator, so its objective is `loss.joint`: under loss=minimax all of the game's value. A
    penalty's points are not moved by the generator: penalties cut them from what made them.

    Args:
        unrolling: k, steps ahead; 0 is the ordinary game.
        unrolling_lr: rate of those steps.
        **game: as for `AdversarialModule`.
    """

    def __init__(self, unrolling: int, unrolling_lr: float, **game: Any) -> None:
        super().__init__(**game)
        guards.warn_of_free_critic(self.loss, self.penalties, self.discriminator)
        self.unrolling, self.unrolling_lr = unrolling, unrolling_lr

    def opponent(self, batch: Batch, real: Tensor, fake: Tensor) -> Critic:
        """The discriminator after k more steps; neither its weights nor its buffers are touched."""
        buffers = {name: buffer.clone() for name, buffer in self.discriminator.named_buffers()}
        weights = {name: weight.detach().requires_grad_() for name, weight in self.discriminator.named_parameters()}
        with full_precision(self.device):  # second derivatives stay in float32
            for _ in range(self.unrolling):
                weights = self._stepped(weights, buffers, real, fake)
        return self._discriminator_with(weights, buffers)

    def generator_objective(self, critique: Critique) -> Tensor:
        """The loss of a player on whom both sides of the critique depend, a scalar."""
        return self.loss.joint(critique)

    def _stepped(self, weights: Weights, buffers: Weights, real: Tensor, fake: Tensor) -> Weights:
        critique = Critique(self._discriminator_with(weights, buffers), real, fake)
        witness = self.loss.witness(critique)
        penalties = [penalty(witness) for _, penalty in self.due_penalties()]
        loss = sum(penalties, self.loss.discriminator(critique))
        gradients = torch.autograd.grad(loss, list(weights.values()), create_graph=True)
        steps = zip(weights.items(), gradients, strict=True)
        return {name: weight - self.unrolling_lr * gradient for (name, weight), gradient in steps}

    def _discriminator_with(self, weights: Mapping[str, Tensor], buffers: Mapping[str, Tensor]) -> Critic:
        state = {**weights, **buffers}
        return lambda samples: cast(Tensor, functional_call(self.discriminator, state, (samples,)))

    def diagnose(self, critique: Critique) -> None:
        """How often the discriminator is right, a share of the real and of the fake minibatch, by the logit's sign."""
        self.watch_all(critique.accuracies())
