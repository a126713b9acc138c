"""What Lightning asks in each iteration although the answer is the same for a whole run."""

import inspect
from typing import Any

from lightning import Callback, LightningModule
from lightning.pytorch.utilities.model_helpers import is_overridden

_IN_EACH = ("on_train_batch_start", "on_before_optimizer_step", "on_train_batch_end")
_ON_THE_WAY = ("on_before_batch_transfer", "transfer_batch_to_device", "on_after_batch_transfer")


def ask_once(module: LightningModule) -> None:
    """Have Lightning pass over the hooks of an iteration that a module and its trainer's callbacks leave empty, and
    read the signature of `training_step`, by which it knows what to call that with, once.

    It calls whatever can be called, and puts a name together for its profiler before: three hooks of a dozen callbacks.
    What a single callback was given, as a `LambdaCallback`, is not empty.
    """
    _empty(module, LightningModule)
    for callback in module.trainer.callbacks:  # type: ignore[attr-defined]
        _empty(callback, Callback)
    step: Any = type(module).training_step
    if "__signature__" not in vars(step):
        step.__signature__ = inspect.signature(step)


def come_as_they_are(module: LightningModule) -> bool:
    """Whether no hook has a say on a batch on its way to the module's device."""
    data: Any = module.trainer.datamodule  # type: ignore[attr-defined]
    parts = [part for part in (module, data) if part is not None]
    return not any(is_overridden(hook, part) for hook in _ON_THE_WAY for part in parts)


def _empty(part: Any, base: type) -> None:
    for hook in _IN_EACH:
        if getattr(type(part), hook) is getattr(base, hook) and hook not in vars(part):
            setattr(part, hook, None)
