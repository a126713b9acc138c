"""What Lightning asks in each iteration although the answer is the same for a whole run."""

import inspect
from typing import Any

from lightning import Callback, LightningDataModule, LightningModule

_IN_EACH = ("on_train_batch_start", "on_before_optimizer_step", "on_train_batch_end")
_ON_THE_WAY = ("on_before_batch_transfer", "transfer_batch_to_device", "on_after_batch_transfer")
_OURS = "gan_lightning."


def ask_once(module: LightningModule) -> None:
    """Have Lightning pass over the hooks of an iteration that a module and its trainer's callbacks leave empty, and
    read the signature of `training_step`, by which it knows what to call that with, once.

    It calls whatever can be called, and puts a name together for its profiler before: three hooks of a dozen callbacks.
    Only those of this package are touched, for somebody else's may call one another; and of them none that was given a
    hook by itself. Called where training starts, behind all callbacks.
    """
    for part, base in ((module, LightningModule), *((one, Callback) for one in module.trainer.callbacks)):  # type: ignore[attr-defined]
        if type(part).__module__.startswith(_OURS):
            _pass_over(part, base)
    step: Any = type(module).training_step
    if "__signature__" not in vars(step):
        step.__signature__ = inspect.signature(step)


def come_as_they_are(module: LightningModule) -> bool:
    """Whether no hook has a say on a training batch on its way to the module's device."""
    data: Any = module.trainer.datamodule  # type: ignore[attr-defined]
    parts = ((module, LightningModule), (data, LightningDataModule))
    return all(_is_empty(part, base, hook) for part, base in parts if part is not None for hook in _ON_THE_WAY)


def _pass_over(part: Any, base: type) -> None:
    for hook in _IN_EACH:
        if hook in vars(part) and vars(part)[hook] is None:  # of a training before
            delattr(part, hook)
        if _is_empty(part, base, hook):
            setattr(part, hook, None)


def _is_empty(part: Any, base: type, hook: str) -> bool:
    return getattr(type(part), hook) is getattr(base, hook) and hook not in vars(part)
