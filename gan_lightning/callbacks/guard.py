"""Stops a run whose numbers are no longer finite, or takes it back to its last checkpoint."""

import math
import sys
from pathlib import Path
from typing import Any, final

import torch
from lightning import Callback, Trainer
from torch import Tensor

from gan_lightning.callbacks.checkpoint import IntervalCheckpoint
from gan_lightning.data.loader import Batch
from gan_lightning.distributed import average, gather
from gan_lightning.errors import Diverged, GoBack
from gan_lightning.ledger import DATA, Fault, Ledger
from gan_lightning.loggers import Forgetful
from gan_lightning.models.base import AdversarialModule
from gan_lightning.runs.aside import set_aside
from gan_lightning.runs.rewind import ROLLBACKS, rewind
from gan_lightning.runs.whole import iteration, numbered, regular
from gan_lightning.soundness import unsound_state, unsound_weights, weights_verdict


@final
class Guard(Callback):
    """Looks at every term, gradient and weight of the iterations since it last looked; first among the callbacks.

    A checkpoint is looked at before it is written, whoever writes it, so that none is ever written of a bad state.
    Several processes look together and stop together.

    What it goes back to was saved at an interval, else when the run began in this folder: a function of the iteration,
    and not of when somebody looked at the clock or stopped the run. What was saved since is set aside.

    After a rollback both rates are lower, and the noise is another: the step behind the checkpoint starts from the same
    weights, so that the same noise could bring the same end whatever the rate. The samples come in the same order.
    Real samples that aren't finite end the run at once, for they would come again.

    Args:
        folder: the run's folder.
        every: iterations between two looks.
        action: "stop", or "rollback" to go back to the last checkpoint at an interval, as often as `rollbacks` says.
        rollbacks: how often at most.
        factor: of both rates, at each rollback.

    Raises:
        Diverged: when it stops the run; names the first bad number and its iteration.
        GoBack: when the run is to go on from an earlier checkpoint; see `gan_lightning.train.fit`.
    """

    def __init__(self, folder: str, every: int, action: str, rollbacks: int, factor: float) -> None:
        self.folder = Path(folder) / "checkpoints"
        self.every, self.factor = every, factor
        self.most = {"stop": 0, "rollback": rollbacks}[action]
        self.used, self.slowdown = 0, 1.0
        self._interval = math.inf  # iterations between checkpoints
        self._ledger = Ledger()
        self._weights: list[Tensor] = []

    def state_dict(self) -> dict[str, Any]:
        """How often the run went back, and its factor of the rates; nothing if it never did."""
        return {"rollbacks": self.used, "slowdown": self.slowdown} if self.used else {}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from it, unless this run has gone back since."""
        if state_dict["rollbacks"] > self.used:
            self.used, self.slowdown = state_dict["rollbacks"], state_dict["slowdown"]

    def on_fit_start(self, trainer: Trainer, pl_module: AdversarialModule) -> None:  # type: ignore[override]
        """Have the module keep the ledger."""
        for callback in trainer.callbacks:  # type: ignore[attr-defined]
            if isinstance(callback, IntervalCheckpoint):
                self._interval = callback.every_n_iterations
                callback.goes_back = self.most > 0
        self._ledger.clear()
        pl_module.ledger = self._ledger
        pl_module.slowdown = self.slowdown
        pl_module.retries = (self.used,) if self.used else ()

    def on_train_start(self, trainer: Trainer, pl_module: Any) -> None:
        """See to it that there is a checkpoint to go back to; weights have come to their place in memory."""
        self._weights = [weight.detach() for weight in pl_module.parameters()]  # walking them all takes long
        pl_module.slowdown = self.slowdown  # of a resumed run it is known only now
        pl_module.retries = (self.used,) if self.used else ()
        if self.most and trainer.strategy.broadcast(self._target(trainer)) is None:
            path = self.folder / f"{trainer.global_step:08d}.ckpt"
            trainer.save_checkpoint(path, weights_only=False)  # False: the whole state

    def on_train_batch_start(self, trainer: Trainer, pl_module: Any, batch: Batch, batch_idx: int) -> None:
        """A new page, which begins with the samples."""
        self._ledger.begin(trainer.global_step + 1, batch)

    def on_train_batch_end(self, trainer: Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Look at every `every` iterations."""
        if trainer.global_step % self.every == 0 or self._ledger.full:
            self._look(trainer, pl_module)

    def on_train_end(self, trainer: Trainer, pl_module: Any) -> None:
        """Look at the last iterations before the result is saved and evaluated."""
        self._look(trainer, pl_module)

    def on_save_checkpoint(self, trainer: Trainer, pl_module: Any, checkpoint: dict[str, Any]) -> None:
        """Look before anything is written, at all that will be."""
        self._look(trainer, pl_module)
        state = {part: checkpoint[part] for part in ("state_dict", "optimizer_states")}
        faults = [unsound_state(value, part) for part, value in state.items()]
        path = next((fault for fault in faults if fault is not None), None)
        found = None if path is None else Fault(trainer.global_step, f"{path} is not finite", "discriminator")
        verdict = torch.tensor(float(found is not None), device=pl_module.device)
        if float(average(verdict)) != 0:
            self._act(trainer, gather(found))

    def _look(self, trainer: Trainer, module: AdversarialModule) -> None:
        """The one moment at which the device is waited for."""
        verdict = weights_verdict(self._weights)
        entered = self._ledger.verdict()
        if entered is not None:
            verdict = verdict + entered
        if float(average(verdict)) == 0:
            self._ledger.clear()
            return
        found = self._ledger.first()
        if found is None and (wrong := unsound_weights(module.named_parameters())) is not None:
            player = "generator" if wrong.count("generator") else "discriminator"
            found = Fault(trainer.global_step, wrong, player)
        self._act(trainer, gather(found))

    def _act(self, trainer: Trainer, found: list[Fault | None]) -> None:
        """Stop, or go back; all processes come here together, and the earliest fault of them all is told."""
        self._ledger.clear()
        faults = [fault for fault in found if fault is not None]
        if not faults:  # large weights, but no single one
            return
        fault = min(faults, key=lambda one: (one.iteration, one.place))  # one process's loss before all gradients
        told = f"iteration {fault.iteration}: {fault.what}"
        found_there: tuple[Path | None, Path | None] = self._last(trainer), self._target(trainer)
        last, checkpoint = trainer.strategy.broadcast(found_there)
        if checkpoint is None or fault.player == DATA or self.used >= self.most:
            raise Diverged(f"{told}; {_where(last)}, {self._mend(trainer, fault)}")
        self.used, self.slowdown = self.used + 1, self.slowdown * self.factor
        if trainer.is_global_zero:
            count = f"rollback {self.used} of {self.most}"
            print(
                f"gan_lightning: {told}; going back to {checkpoint} with both rates times {self.slowdown:g} ({count})",
                file=sys.stderr,
                flush=True,
            )
            self._forget(trainer, checkpoint)
        raise GoBack(checkpoint)

    def _forget(self, trainer: Trainer, checkpoint: Path) -> None:
        """Take what is behind a checkpoint out of the run's curves, which then say that it went back, and away."""
        step = iteration(checkpoint)
        set_aside(checkpoint, step)
        rewind(self.folder.parent, step, trained=False)
        for logger in trainer.loggers:
            if isinstance(logger, Forgetful):
                logger.forget(step)
            logger.log_metrics({ROLLBACKS: float(self.used)}, step)

    def _last(self, trainer: Trainer) -> Path | None:
        """The newest checkpoint of this run, else the one that it went on from."""
        own = (path for path in numbered(self.folder) if iteration(path) <= trainer.global_step)
        return next(own, None if trainer.ckpt_path is None else Path(trainer.ckpt_path))

    def _target(self, trainer: Trainer) -> Path | None:
        """What it goes back to; None before there is any."""
        return regular(self.folder, self._interval, trainer.global_step)

    def _mend(self, trainer: Trainer, fault: Fault) -> str:
        if fault.player == DATA:
            return "mend the data"
        lower = f"lower optimizer.{_faster(trainer) or fault.player}.lr"
        return f"{lower}, {self.used} rollbacks did not help" if self.used else f"{lower} or set guard.action=rollback"


def _where(checkpoint: Path | None) -> str:
    return "there is no checkpoint yet" if checkpoint is None else f"the last finite checkpoint is {checkpoint}"


def _faster(trainer: Trainer) -> str | None:
    """The player whose rate is ten times the other's or more, in whose step the end begins wherever it shows."""
    discriminator, generator = (float(optimizer.param_groups[0]["lr"]) for optimizer in trainer.optimizers)
    if discriminator >= 10 * generator:
        return "discriminator"
    return "generator" if generator >= 10 * discriminator else None
