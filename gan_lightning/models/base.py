"""The game, once for every variant: two players, two optimizers, one step body.

One Lightning batch is one iteration: `n_critic` discriminator steps on fresh minibatches, then one generator step.
The discriminator's optimizer is stepped unwrapped, so that Lightning counts generator updates alone: `global_step`,
`max_steps`, checkpoint intervals and every logger's axis mean iterations.
"""

from abc import ABC
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, ClassVar, NamedTuple, cast

import torch
from lightning.pytorch.core.optimizer import LightningOptimizer
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR

from gan_lightning import guards, noise
from gan_lightning.compiled import CompiledStep
from gan_lightning.critique import Critic, Critique
from gan_lightning.data.loader import Batch
from gan_lightning.distributed import average_gradients, gather
from gan_lightning.ledger import Ledger
from gan_lightning.losses import Loss
from gan_lightning.models import resume
from gan_lightning.models.counters import settle
from gan_lightning.models.generative import GenerativeModule
from gan_lightning.penalties import Penalty
from gan_lightning.publishing import publish
from gan_lightning.runs.checkpoint import FORMAT, FORMAT_KEY, GAME, NUM_CLASSES, RANKS
from gan_lightning.schedules import Schedule
from gan_lightning.speed import Speed, follow_layout

_HOW = ("fused", "foreach", "capturable", "differentiable")
"""Settings of optimizers by which they keep their state in one place or another, and compute the same."""


class Shown(NamedTuple):
    """What one player's step is about."""

    latents: Tensor
    """(N, latent_dim)."""
    real: Tensor
    """(N, *shape), what the critic is shown as real."""
    fake: Tensor
    """(N, *shape), what it is shown as fake."""


class AdversarialModule(GenerativeModule, ABC):
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

    rank_state: ClassVar[tuple[str, ...]] = ()
    """What the names of those entries of its state begin with that each of several processes has for itself."""
    own_objectives: ClassVar[bool] = False
    """Whether the variant says itself what its players minimise, and so takes no loss."""
    compiles: ClassVar[bool] = True
    """Whether its players' steps can be compiled: not if they are the variant's own."""

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
        super().__init__(shape, num_classes, generator, discriminator, loss, ema)
        self.automatic_optimization = False
        guards.check_loss(loss, self.own_objectives)
        guards.check_networks(self.discriminator, (penalties or {}).values())
        self.penalties = dict(penalties or {})
        self.optimizer_factories = dict(optimizers)
        self.schedule = schedule
        self.n_critic = n_critic
        self.max_grad_norm = max_grad_norm
        self.seed = seed
        self.speed = speed
        self.together = speed.joins(self.discriminator)
        self.layout = torch.contiguous_format
        self._compiled: dict[str, CompiledStep] = {}
        self.parameters_of: dict[
            str, list[Tensor]
        ] = {  # listed once: walking the modules costs more than a small network's step
            "discriminator": list(self.discriminator.parameters()),
            "generator": list(self.generator.parameters()),
        }
        self.scalars: dict[str, Tensor] = {}  # what this iteration logs; empty on iterations that don't log
        self.watching = False  # whether what is computed now is logged
        self.ledger: Ledger | None = None  # where a guard reads every iteration's terms and gradients
        self.slowdown = 1.0  # factor on both rates, beside the schedule's
        self.retries: tuple[int, ...] = ()  # of which the noise is a function too

    @property
    def objective(self) -> str:
        """What the players minimise, in a few words by which checkpoints and cards tell games apart."""
        return type(self.loss).__name__

    # ---- the game ----------------------------------------------------------------------------------------------------

    def training_step(self, batch: Batch, batch_idx: int) -> None:
        """One iteration: `n_critic` discriminator steps on fresh minibatches, then one generator step."""
        noise.seed(self.device, self.seed, self.global_rank, self.global_step, *self.retries)
        self.play(batch.laid_out(self.layout).split(self.n_critic))
        if self.average is not None:
            self.average.update(self.global_step)
        for scheduler in cast(list[LambdaLR], self.lr_schedulers()):
            scheduler.step()

    def play(self, minibatches: Sequence[Batch]) -> None:
        """A discriminator step on each minibatch, then a generator step beside the last of them."""
        discriminator, generator = cast(list[LightningOptimizer], self.optimizers())
        for minibatch in minibatches:
            last = minibatch is minibatches[-1]
            self.watching = last and self.is_logging_step()
            shown = self.show(minibatch, last and self.speed.share_fakes)
            self.learn_to_judge(minibatch, shown)
            discriminator.optimizer.step()  # unwrapped: only the generator's step counts as one
            self.after_discriminator_step()
        self._freeze_discriminator(True)
        self.learn_to_fake(minibatches[-1], shown if self.speed.share_fakes else None)
        self._freeze_discriminator(False)
        generator.step()

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

    def show(self, batch: Batch, answering: bool) -> Shown:
        """What a step is about: `answering` if the generator learns from it, and not the discriminator alone."""
        latents = self.latents_beside(batch)
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
        return _total(parts)

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
        return _total(parts)

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

    def watch(self, name: str, value: Tensor) -> None:
        """Log the scalar `value` under `name` with this iteration; it stays on the device until then."""
        self.scalars[name] = value.detach()

    def watch_all(self, values: Mapping[str, Tensor]) -> None:
        """`watch` each of several scalars."""
        for name, value in values.items():
            self.watch(name, value)

    def account(self, player: str, terms: Mapping[str, Tensor]) -> None:
        """`watch` the scalars that a player's objective is made of, and give each iteration's to the ledger."""
        if self.ledger is not None:
            self.ledger.enter(player, terms)
        if self.watching:
            self.watch_all(terms)

    # ---- Lightning ---------------------------------------------------------------------------------------------------

    def configure_optimizers(self) -> tuple[list[Optimizer], list[LambdaLR]]:
        """The discriminator's optimizer, then the generator's, and a schedule on each."""
        optimizers = [self.optimizer_factories[name](parameters) for name, parameters in self.parameters_of.items()]

        @cache
        def total() -> int:  # asked before training, Lightning sets up the data here and never restores its state
            return int(self.trainer.estimated_stepping_batches)

        def factor(step: int) -> float:
            return self.slowdown * self.schedule(step / total() if step else 0.0)

        schedulers = [LambdaLR(optimizer, factor) for optimizer in optimizers]
        self._settings = [[_settings(group) for group in optimizer.param_groups] for optimizer in optimizers]
        return optimizers, schedulers

    def on_fit_start(self) -> None:
        """The networks are on their device, and a checkpoint's state is not yet in them."""
        self.scalars = {}  # of an iteration that was undone
        self.layout = self.speed.layout(self.device, self._lower_precision())
        self.to(memory_format=self.layout)
        if self.speed.compile and not self._compiled:
            guards.warn_of_own_steps(self.compiles)
            self._compile()
        if self.average is not None:
            self.average.follow(self.generator)

    def on_train_start(self) -> None:
        """A resumed run's optimizers have its own settings and rates, which follow its own length, not those of what
        wrote the checkpoint; so is the place in memory of what they keep."""
        follow_layout(self.trainer.optimizers)
        for scheduler, settings in zip(cast(list[LambdaLR], self.lr_schedulers()), self._settings, strict=True):
            factor = scheduler.lr_lambdas[0](scheduler.last_epoch)
            scheduler.base_lrs = [own["initial_lr"] for own in settings]
            for group, own in zip(scheduler.optimizer.param_groups, settings, strict=True):
                group.update(own, lr=own["initial_lr"] * factor)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Say what game this is, so that another one refuses to go on from it, and where it stands."""
        checkpoint[FORMAT_KEY] = FORMAT
        checkpoint[NUM_CLASSES] = self.num_classes
        data: Any = self.trainer.datamodule  # type: ignore[attr-defined]
        checkpoint[GAME] = resume.describe(self, data, self.trainer.world_size)
        settle(checkpoint, data.epoch_length(self.trainer.world_size))
        if self.rank_state:
            checkpoint[RANKS] = gather(resume.select(checkpoint["state_dict"], self.rank_state))

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Refuse another game's checkpoint, and take this process's own part of its state. Raises UsageError."""
        data: Any = self.trainer.datamodule  # type: ignore[attr-defined]
        resume.check_game(self, data, self.trainer.world_size, checkpoint)
        settle(checkpoint, data.epoch_length(self.trainer.world_size))  # it may be an older version's
        checkpoint["state_dict"].update(resume.part_of(checkpoint, self.global_rank, self.trainer.world_size))

    def backpropagate(self, player: str, loss: Tensor) -> None:
        """Fill the player's gradients from `loss`, averaged over processes, clipped, and their norm watched."""
        self._backward(loss, self.parameters_of[player])
        self._finish_gradients(player)

    def backpropagate_jointly(self, loss: Tensor) -> None:
        """The same for all players at once, in one backward pass through a `loss` that they share."""
        self._backward(loss, [parameter for own in self.parameters_of.values() for parameter in own])
        for player in self.parameters_of:
            self._finish_gradients(player)

    def _backward(self, loss: Tensor, parameters: Sequence[Tensor]) -> None:
        for parameter in parameters:
            parameter.grad = None
        if self._lower_precision():
            with torch.autocast(self.device.type, enabled=False):  # a penalty's second derivatives stay in float32
                loss.backward()
        else:
            loss.backward()

    def _finish_gradients(self, player: str) -> None:
        parameters = self.parameters_of[player]
        average_gradients(parameters)
        if self.ledger is not None:
            self.ledger.check(player, [p.grad for p in parameters if p.grad is not None])
        if self.max_grad_norm is not None:
            norm = nn.utils.clip_grad_norm_(parameters, self.max_grad_norm)
        elif self.watching:
            norm = nn.utils.get_total_norm([p.grad for p in parameters if p.grad is not None])
        if self.watching:
            self.watch(f"gradient_norm/{player}", norm)

    def _freeze_discriminator(self, frozen: bool) -> None:
        for parameter in self.parameters_of["discriminator"]:
            parameter.requires_grad = not frozen

    def _lower_precision(self) -> bool:
        return torch.is_autocast_enabled(self.device.type)

    def is_logging_step(self) -> bool:
        """Whether this iteration is logged."""
        every: int = self.trainer.log_every_n_steps  # type: ignore[attr-defined]
        return bool(self.trainer.loggers) and (self.global_step + 1) % every == 0

    def on_train_batch_end(self, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Lightning calls it behind all callbacks."""
        self.tell()

    def tell(self) -> None:
        """Give what this iteration has to log to the loggers, once: at its end, or before it is saved."""
        if not self.scalars:
            return
        names, values = list(self.scalars), torch.stack([value.float() for value in self.scalars.values()]).tolist()
        discriminator, generator = self.trainer.optimizers
        others: dict[str, float] = {
            "learning_rate/discriminator": discriminator.param_groups[0]["lr"],
            "learning_rate/generator": generator.param_groups[0]["lr"],
            "epoch": float(self.current_epoch),
        }
        publish(self.trainer, dict(zip(names, values, strict=True)) | others, self.global_step)
        self.scalars = {}


def _settings(group: Mapping[str, Any]) -> dict[str, Any]:
    """An optimizer's, of one group, without what they are of and how they are computed."""
    return {name: value for name, value in group.items() if name not in ("params", *_HOW)}


def _total(parts: Mapping[str, Tensor]) -> Tensor:
    """The sum of scalars, of which there is one at least."""
    first, *others = parts.values()
    return sum(others, first)
