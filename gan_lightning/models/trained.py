"""How Lightning trains two players: their optimizers, rates and gradients, what is logged, what a checkpoint says."""

from abc import ABC
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, ClassVar, cast

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR

from gan_lightning.adam import quickened
from gan_lightning.asked_once import ask_once, come_as_they_are
from gan_lightning.data.loader import Batch
from gan_lightning.distributed import average_gradients, gather
from gan_lightning.im2col import Products, use_im2col
from gan_lightning.ledger import Ledger
from gan_lightning.models import resume
from gan_lightning.models.counters import settle
from gan_lightning.models.generative import GenerativeModule
from gan_lightning.precision import full_precision, is_lower
from gan_lightning.publishing import publish
from gan_lightning.runs.checkpoint import FORMAT, FORMAT_KEY, GAME, NUM_CLASSES, RANKS
from gan_lightning.schedules import Schedule
from gan_lightning.speed import Speed, follow_layout

_FULL = ("32-true", "64-true")
"""What a trainer's precision is where nothing is lowered."""
_HOW = ("fused", "foreach", "capturable", "differentiable")
"""Settings of optimizers by which they keep their state in one place or another, and compute the same."""


class TrainedModule(GenerativeModule, ABC):
    """A generator and a discriminator with an optimizer and a schedule each, by manual optimization.

    Args:
        optimizers: a factory for each of "generator" and "discriminator", called with the parameters.
        schedule: factor on both learning rates as a function of the share of the run that is done.
        max_grad_norm: clip each player's gradient to this norm at each step; None never clips.
        seed: of all noise that training draws.
        speed: how an iteration is computed.
        parts: see `GenerativeModule`.
    """

    rank_state: ClassVar[tuple[str, ...]] = ()
    """What the names of those entries of its state begin with that each of several processes has for itself."""

    def __init__(
        self,
        *,
        optimizers: Mapping[str, Callable[..., Optimizer]],
        schedule: Schedule,
        max_grad_norm: float | None,
        seed: int,
        speed: Speed,
        **parts: Any,
    ) -> None:
        super().__init__(**parts)
        self.automatic_optimization = False
        self.optimizer_factories = dict(optimizers)
        self.schedule = schedule
        self.max_grad_norm = max_grad_norm
        self.seed = seed
        self.speed = speed
        self.layout = torch.contiguous_format
        # listed once: walking the modules costs more than a small network's step
        self.parameters_of: dict[str, list[Tensor]] = {
            "discriminator": list(self.discriminator.parameters()),
            "generator": list(self.generator.parameters()),
        }
        self.scalars: dict[str, Tensor] = {}  # what this iteration logs; empty on iterations that don't log
        self.watching = False  # whether what is computed now is logged
        self.come_as_they_are = False  # batches, on which no hook has a say
        self.ledger: Ledger | None = None  # where a guard reads every iteration's terms and gradients
        self.slowdown = 1.0  # factor on both rates, beside the schedule's
        self.retries: tuple[int, ...] = ()  # of which the noise is a function too

    def configure_optimizers(self) -> tuple[list[Optimizer], list[LambdaLR]]:
        """The discriminator's optimizer, then the generator's, and a schedule on each."""
        made = (self.optimizer_factories[name](parameters) for name, parameters in self.parameters_of.items())
        optimizers = [quickened(optimizer) for optimizer in made]

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
        lower = str(self.trainer.precision) not in _FULL  # nothing is lowered yet
        self.layout = self.speed.layout(self.device, lower)
        self.to(memory_format=self.layout)
        use_im2col(self, self.speed.products(self.device))
        if self.average is not None:
            self.average.follow(self.generator)

    def on_fit_end(self) -> None:
        """Leave networks behind as torch has them; Lightning comes here where nothing was raised."""
        use_im2col(self, Products.NONE)

    def on_train_start(self) -> None:
        """A resumed run's optimizers have its own settings and rates, which follow its own length, not those of what
        wrote the checkpoint; so is the place in memory of what they keep."""
        ask_once(self)
        self.come_as_they_are = come_as_they_are(self)
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

    def _on_before_batch_transfer(self, batch: Any, dataloader_idx: int = 0) -> Any:
        """Lightning's way to a hook on batches, of which training may have none."""
        return batch if self._comes_as_it_is(batch) else super()._on_before_batch_transfer(batch, dataloader_idx)

    def _apply_batch_transfer_handler(
        self, batch: Any, device: torch.device | None = None, dataloader_idx: int = 0
    ) -> Any:
        """The same, and to the device; loaders gather batches there, unless a set is too large for it."""
        if self._comes_as_it_is(batch) and batch.is_on(device or self.device):
            return batch
        return super()._apply_batch_transfer_handler(batch, device, dataloader_idx)

    def _comes_as_it_is(self, batch: Any) -> bool:
        return self.come_as_they_are and isinstance(batch, Batch) and self.trainer.training

    # ---- gradients ---------------------------------------------------------------------------------------------------

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
        with full_precision(self.device):  # a penalty's second derivatives stay in float32
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

    def _lower_precision(self) -> bool:
        return is_lower(self.device)

    # ---- the log -----------------------------------------------------------------------------------------------------

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
        exact = torch.promote_types(cast(torch.dtype, self.dtype), torch.float32)
        values = torch.stack([value.to(exact) for value in self.scalars.values()]).tolist()  # the device is asked once
        discriminator, generator = self.trainer.optimizers
        others: dict[str, float] = {
            "learning_rate/discriminator": discriminator.param_groups[0]["lr"],
            "learning_rate/generator": generator.param_groups[0]["lr"],
            "epoch": float(self.current_epoch),
        }
        publish(self.trainer, dict(zip(self.scalars, values, strict=True)) | others, self.global_step)
        self.scalars = {}

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


def _settings(group: Mapping[str, Any]) -> dict[str, Any]:
    """An optimizer's, of one group, without what they are of and how they are computed."""
    return {name: value for name, value in group.items() if name not in ("params", *_HOW)}
