"""The game, once for every variant: two players, two optimizers, one step body.

One Lightning batch is one iteration: `n_critic` discriminator steps on fresh minibatches, then one generator step.
The discriminator's optimizer is stepped unwrapped, so that Lightning counts generator updates alone: `global_step`,
`max_steps`, checkpoint intervals and every logger's axis mean iterations.
"""

from abc import ABC
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import ClassVar, NamedTuple, cast

import torch
from lightning.pytorch.core.optimizer import LightningOptimizer
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR

from gan_lightning import guards, noise
from gan_lightning.compiled import CompiledStep, total
from gan_lightning.critique import Critic, Critique
from gan_lightning.data.loader import Batch
from gan_lightning.losses import Loss
from gan_lightning.models.trained import TrainedModule
from gan_lightning.penalties import Penalty
from gan_lightning.schedules import Schedule
from gan_lightning.speed import Speed


class Shown(NamedTuple):
    """What one player's step is about."""

    latents: Tensor
    """(N, latent_dim)."""
    real: Tensor
    """(N, *shape), what the critic is shown as real."""
    fake: Tensor
    """(N, *shape), what it is shown as fake."""


class AdversarialModule(TrainedModule, ABC):
    """A generator against a discriminator, by manual optimization.

    Args:
        shape: of one sample, without the batch; the data owns it.
        num_classes: of the data's labels, 0 where it has none; the data owns it too.
        generator: called with `shape=`, makes a network from (N, latent_dim) to (N, *shape).
        discriminator: called with `shape=`, makes a network from (N, *shape) to logits (N,).
        loss: the two players' objectives; None of a variant with objectives of its own.
        penalties: terms added to the discriminator's loss, by the name they are logged under; None where nothing could
            bear one.
        optimizers: a factory for each of "generator" and "discriminator", called with the parameters.
        schedule: factor on both learning rates as a function of the share of the run that is done.
        n_critic: discriminator steps an iteration, at least 1.
        ema: decay of the moving average of the generator, in [0, 1); 0 keeps none.
        max_grad_norm: clip each player's gradient to this norm at each step; None never clips.
        seed: of all noise that training draws.
        speed: how an iteration is computed.

    Raises:
        UsageError: the parts contradict each other (see `gan_lightning.guards`).
    """

    own_objectives: ClassVar[bool] = False
    """Whether the variant says itself what its players minimise, and so takes no loss."""
    compiles: ClassVar[bool] = True
    """Whether its players' steps can be compiled: not if they are the variant's own."""
    row_by_row: ClassVar[bool] = True
    """Whether `sides` makes its rows of the rows of a batch in their order, so that a batch can be taken apart."""

    def __init__(
        self,
        shape: tuple[int, ...],
        num_classes: int,
        generator: Callable[..., nn.Module],
        discriminator: Callable[..., nn.Module],
        loss: Loss | None,
        penalties: Mapping[str, Penalty] | None,
        optimizers: Mapping[str, Callable[..., Optimizer]],
        schedule: Schedule,
        n_critic: int,
        ema: float,
        max_grad_norm: float | None,
        seed: int,
        speed: Speed,
    ) -> None:
        super().__init__(
            shape=shape,
            num_classes=num_classes,
            generator=generator,
            discriminator=discriminator,
            loss=loss,
            ema=ema,
            optimizers=optimizers,
            schedule=schedule,
            max_grad_norm=max_grad_norm,
            seed=seed,
            speed=speed,
        )
        guards.check_loss(loss, self.own_objectives)
        guards.check_networks(self.discriminator, (penalties or {}).values())
        self.penalties = dict(penalties or {})
        self.n_critic = n_critic
        self.together = speed.joins(self.discriminator)
        self.ahead = False
        self._compiled: dict[str, CompiledStep] = {}

    def on_fit_start(self) -> None:
        """The networks are on their device."""
        super().on_fit_start()
        makers = (part for part in self.children() if part is not self.discriminator)
        self.ahead = self.row_by_row and not self.speed.share_fakes and self.speed.joins(*makers)
        if self.speed.compile and not self._compiled:
            guards.warn_of_own_steps(self.compiles)
            self._compile()

    @property
    def objective(self) -> str:
        """What the players minimise, in a few words by which checkpoints and cards tell games apart."""
        return type(self.loss).__name__

    # ---- the game ----------------------------------------------------------------------------------------------------

    def training_step(self, batch: Batch, batch_idx: int) -> None:
        """One iteration: `n_critic` discriminator steps on fresh minibatches, then one generator step."""
        noise.seed(self.device, self.seed, self.global_rank, self.global_step, *self.retries)
        self.play(batch.laid_out(self.layout))
        if self.average is not None:
            self.average.update(self.global_step)
        for scheduler in cast(list[LambdaLR], self.lr_schedulers()):
            scheduler.step()

    def play(self, batch: Batch) -> None:
        """A discriminator step on each of the batch's minibatches, then a generator step beside the last of them."""
        discriminator, generator = cast(list[LightningOptimizer], self.optimizers())
        minibatches = batch.split(self.n_critic)
        for minibatch, shown in zip(minibatches, self.shows(batch, minibatches), strict=True):
            self.watching = minibatch is minibatches[-1] and self.is_logging_step()
            self.learn_to_judge(minibatch, shown)
            discriminator.optimizer.step()  # unwrapped: only the generator's step counts as one
            self.after_discriminator_step()
        self._freeze_discriminator(True)
        self.learn_to_fake(minibatches[-1], shown if self.speed.share_fakes else None)
        self._freeze_discriminator(False)
        generator.step()

    def _freeze_discriminator(self, frozen: bool) -> None:
        for parameter in self.parameters_of["discriminator"]:
            parameter.requires_grad = not frozen

    def learn_to_judge(self, batch: Batch, shown: Shown) -> None:
        """Fill the discriminator's gradients from one minibatch and the fakes beside it."""
        step = self._compiled.get("discriminator")
        if step is None or self.watching:  # a logged step is computed without
            self.backpropagate("discriminator", self.discriminator_loss(batch, shown))
        else:
            due = self.due_penalties()
            self._take("discriminator", step(batch, shown, due, kind=tuple(name for name, _ in due)))

    def learn_to_fake(self, batch: Batch, shown: Shown | None) -> None:
        """Fill the generator's gradients from the fakes that were shown, or from new ones."""
        step = self._compiled.get("generator")
        if step is None or self.watching:
            self.backpropagate("generator", self.generator_loss(batch, shown))
        else:
            self._take("generator", step(batch, shown.latents if shown else self.latents_beside(batch)))

    def _take(self, player: str, computed: tuple[dict[str, Tensor], list[Tensor | None]]) -> None:
        """A compiled step's terms and gradients."""
        parts, gradients = computed
        for parameter, gradient in zip(self.parameters_of[player], gradients, strict=True):
            parameter.grad = gradient
        self.account(player, parts)
        self._finish_gradients(player)

    def _compile(self) -> None:
        """Have both players' steps compiled, unless they are the variant's own."""

        def judge(batch: Batch, shown: Shown, due: Sequence[tuple[str, Penalty]]) -> dict[str, Tensor]:
            return self._discriminator_parts(batch, shown, due)[1]

        def fake(batch: Batch, latents: Tensor) -> dict[str, Tensor]:
            return self._generator_parts(batch, Shown(latents, *self.sides(batch, latents)))[1]

        if not self.compiles:
            return
        buffers, graphs = list(self.buffers()), self.speed.compile == guards.GRAPHS
        for player, compute in (("discriminator", judge), ("generator", fake)):
            self._compiled[player] = CompiledStep(compute, self.parameters_of[player], buffers, player, graphs)

    def shows(self, batch: Batch, minibatches: Sequence[Batch]) -> Iterator[Shown]:
        """What each discriminator step is about, when its turn comes; where that is the same, all made in one pass.

        The latents of all steps are drawn first, so that the numbers are the same either way.
        """
        latents = self.latents_beside(batch)
        if self.ahead:
            parts = (field.chunk(len(minibatches)) for field in self._shown(batch, latents, False))
            yield from map(Shown, *parts)
            return
        for minibatch, own in zip(minibatches, latents.chunk(len(minibatches)), strict=True):
            yield self._shown(minibatch, own, self.speed.share_fakes and minibatch is minibatches[-1])

    def show(self, batch: Batch, answering: bool) -> Shown:
        """What a step is about: `answering` if the generator learns from it, and not the discriminator alone."""
        return self._shown(batch, self.latents_beside(batch), answering)

    def _shown(self, batch: Batch, latents: Tensor, answering: bool) -> Shown:
        with torch.set_grad_enabled(answering):
            return Shown(latents, *self.sides(batch, latents))

    def discriminator_loss(self, batch: Batch, shown: Shown | None = None) -> Tensor:
        """The discriminator's objective on one minibatch, penalties included, a scalar; new fakes if none are shown."""
        critique, parts = self._discriminator_parts(batch, shown or self.show(batch, False), self.due_penalties())
        self.account("discriminator", parts)
        if self.watching:
            self.watch("score/real", self.loss.real_score(critique).mean())
            self.watch("score/fake_before", self.loss.fake_score(critique).mean())
            self.diagnose(critique)
        return total(parts)

    def _discriminator_parts(
        self, batch: Batch, shown: Shown, due: Sequence[tuple[str, Penalty]]
    ) -> tuple[Critique, dict[str, Tensor]]:
        """The scalars whose sum is the discriminator's objective, by the names they are logged under."""
        critique = Critique(self.critic(batch), shown.real.detach(), shown.fake.detach(), self.together)
        witness = self.loss.witness(critique)
        penalties = {f"penalty/{name}": penalty(witness) for name, penalty in due}  # first: see critique.py
        loss = self.discriminator_objective(critique)
        terms = self.discriminator_terms(critique, batch, shown.latents)
        return critique, {"loss/discriminator": loss, **penalties, **terms}

    def generator_loss(self, batch: Batch, shown: Shown | None = None) -> Tensor:
        """The generator's objective, a scalar; `batch` is the last minibatch that the discriminator saw."""
        critique, parts = self._generator_parts(batch, shown or self.show(batch, True))
        self.account("generator", parts)
        if self.watching:
            self.watch("score/fake_after", self.loss.fake_score(critique).mean())
        return total(parts)

    def _generator_parts(self, batch: Batch, shown: Shown) -> tuple[Critique, dict[str, Tensor]]:
        """The scalars whose sum is the generator's objective, by the names they are logged under."""
        critique = Critique(self.opponent(batch, shown.real, shown.fake), shown.real, shown.fake)
        loss = self.generator_objective(critique)
        return critique, {"loss/generator": loss, **self.generator_terms(critique, batch, shown.latents)}

    def discriminator_objective(self, critique: Critique) -> Tensor:
        """What the discriminator minimises but for penalties and terms, a scalar; the loss's, if not overridden."""
        return self.loss.discriminator(critique)

    def generator_objective(self, critique: Critique) -> Tensor:
        """What the generator minimises but for terms, a scalar: the loss's; a variant that makes both sides of the
        critique takes `loss.joint`."""
        return self.loss.generator(critique)

    def latents_beside(self, batch: Batch) -> Tensor:
        """The latents (N, latent_dim) of one step; those of a conditional variant ask for the batch's labels."""
        return self.latents(len(batch.real))

    def sides(self, batch: Batch, latents: Tensor) -> tuple[Tensor, Tensor]:
        """What the critic is shown as real and as fake, (N, *shape) each."""
        return batch.real, self.fake(latents)

    def fake(self, latents: Tensor) -> Tensor:
        """Samples (N, *shape) of the generator in training, float32 under autocast too."""
        return self.generator(latents).float() if self._lower_precision() else self.generator(latents)

    def critic(self, batch: Batch) -> Critic:
        """What scores samples in this step; a conditional variant binds the labels here."""
        return self.discriminator

    def opponent(self, batch: Batch, real: Tensor, fake: Tensor) -> Critic:
        """What the generator plays against, where the sides of its step are (N, *shape) each: this step's critic."""
        return self.critic(batch)

    def discriminator_terms(self, critique: Critique, batch: Batch, latents: Tensor) -> Mapping[str, Tensor]:
        """Scalars that a variant adds to the discriminator's loss, by the names they are logged under."""
        return {}

    def generator_terms(self, critique: Critique, batch: Batch, latents: Tensor) -> Mapping[str, Tensor]:
        """Scalars that a variant adds to the generator's loss, by the names they are logged under."""
        return {}

    def due_penalties(self) -> list[tuple[str, Penalty]]:
        """Those that this iteration has, with their names."""
        return [(name, penalty) for name, penalty in self.penalties.items() if penalty.due(self.global_step)]

    def after_discriminator_step(self) -> None:
        """Called after each discriminator update; WGAN clips its weights here."""

    def diagnose(self, critique: Critique) -> None:
        """`watch` what only this variant can say of the discriminator's last critique of an iteration."""
