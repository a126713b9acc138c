"""Before a sweep: everything that can be refused is, then its folder is made, locked and written down."""

import copy
import os
import shutil
import sys
import traceback
from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, final

from hydra.core.hydra_config import HydraConfig
from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf, open_dict, read_write

from gan_lightning import command
from gan_lightning.errors import UsageError
from gan_lightning.folders import missing, remove_empty
from gan_lightning.sweeps.locks import hold
from gan_lightning.sweeps.objective import check_objective, likely
from gan_lightning.sweeps.plan import FILE, Plan, check_same, make_plan, read_plan, write_plan
from gan_lightning.sweeps.rehearsal import check_jobs
from gan_lightning.sweeps.space import check_space
from gan_lightning.validation import drop_unchosen
from gan_lightning.values import folder_at

_CHOICES = ("data", "metrics", "model", "experiment")
"""What decides what is measured."""


@final
class StartSweep(Callback):
    """Hydra calls it before a sweep; it refuses what can't run and fixes the sweep's folder for every process."""

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Exit with code 2 on a mistake."""
        try:
            _start(config)
        except UsageError as error:
            print(f"gan_lightning: {error}", file=sys.stderr)
            sys.exit(2)
        except Exception:  # Hydra would go on with a warning
            traceback.print_exc()
            sys.exit(1)

    def on_multirun_end(self, config: DictConfig, **kwargs: Any) -> None:
        """Write the results again, with what has not run named."""
        from gan_lightning.sweeps.write import try_to_write  # takes a second: matplotlib

        try_to_write(Path(config.hydra.sweep.dir))


def forget_folder() -> None:
    """Remove the folder of a new sweep, and those that were made above it, if they are empty."""
    if command.sweep_made:
        shutil.rmtree(command.sweep_made[0], ignore_errors=True)
        remove_empty(command.sweep_made[1:])


def check_alone(config: DictConfig) -> None:
    """Refuse what only a sweep can do. Raises UsageError."""
    for name in ("resume", "trial"):
        if config.sweep[name] is not None:
            raise UsageError(f"sweep.{name} is for a sweep: add -m")


def _start(config: DictConfig) -> None:
    HydraConfig.instance().set_config(config)  # the folder's name is made from it
    if config.sweep.search and find_spec("optuna") is None:
        raise UsageError("a search is an extra: pip install 'gan-lightning[sweep]'")
    check_space(config)
    resume = config.sweep.resume
    folder = (folder_at(config, "hydra.sweep.dir") if resume is None else Path(resume)).absolute()
    overrides = OmegaConf.to_container(config.hydra.overrides.task, resolve=False)
    _check_once(overrides)  # type: ignore[arg-type]
    params = OmegaConf.to_container(config.hydra.sweeper.params or OmegaConf.create({}), resolve=False)
    searched = [node.key for node in config.sweep.search.values()]
    plan = make_plan(folder, overrides, params, searched)  # type: ignore[arg-type]
    if plan.jobs == 0:
        raise UsageError("there is nothing to run: give each swept key a value, as in seed=0,1")
    objective, mode = _judged_by(config, plan)
    plan = replace(plan, objective=objective, mode=mode)
    if resume is None:
        check_jobs(config)
        command.sweep_made.extend(missing(folder) or [folder])
        _make(folder)
    else:
        check_same(plan, read_plan(folder))
    try:
        _take(plan)
    except OSError as error:
        forget_folder()
        elsewhere = ", or name another folder as hydra.sweep.dir" if resume is None else ""
        raise UsageError(f"{folder} can't be written to: {error.strerror}; make room{elsewhere}") from error
    _fix(config, folder)
    command.sweep.append(folder)


def _check_once(overrides: Sequence[str]) -> None:
    """One sweep is gone on with at a time. Raises UsageError."""
    asked = [override for override in overrides if override.lstrip("+").startswith("sweep.resume=")]
    if len(asked) > 1:
        raise UsageError(f"{' '.join(asked)}: one sweep is gone on with at a time: name one")


def _take(plan: Plan) -> None:
    """Lock the sweep's folder and write the plan into it."""
    lock = hold(plan.lock("sweep"))
    if lock is None:
        raise UsageError(f"another process is running the sweep in {plan.folder}: wait for it, or stop it")
    command.held.append(lock)
    write_plan(plan)


def _judged_by(config: DictConfig, plan: Plan) -> tuple[str | None, str | None]:
    """The objective and its mode; jobs that differ in what is measured check it themselves."""
    if config.sweep.search and "sweep.trial" not in plan.keys:
        raise UsageError("sweep.search needs numbered trials: add sweep.trial=range(20)")
    if any(key.split(".")[0] in _CHOICES and (key in _CHOICES or key.startswith("metrics")) for key in plan.keys):
        return config.objective, config.objective_mode
    composed = copy.deepcopy(config)
    drop_unchosen(composed, OmegaConf.to_container(config.hydra.overrides.task, resolve=False))  # type: ignore[arg-type]
    check_objective(composed)
    found = likely(composed)
    if found is None and config.sweep.search:
        raise UsageError("a search needs a figure to go by: add metrics=[...], and objective=NAME")
    return (None, config.objective_mode) if found is None else found


def _make(folder: Path) -> None:
    if (folder / FILE).exists():
        raise UsageError(f"{folder} holds a sweep already: sweep.resume={folder} goes on with it")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UsageError(f"{folder} is not empty: name another folder as hydra.sweep.dir")
    except OSError as error:
        raise UsageError(f"{folder} can't be made: {error.strerror}; name another folder as hydra.sweep.dir") from error
    if not os.access(folder, os.W_OK):
        raise UsageError(f"{folder} can't be written to: name another folder as hydra.sweep.dir")


def _fix(config: DictConfig, folder: Path) -> None:
    """Jobs compose again, some in other processes at other times: give them the folder as it is now."""
    escaped = str(folder).replace("\\", "\\\\").replace("'", "\\'")
    with read_write(config.hydra), open_dict(config.hydra):
        config.hydra.sweep.dir = str(folder)
        config.hydra.overrides.hydra.append(f"hydra.sweep.dir='{escaped}'")
        if (
            "batch_size" in config.hydra.launcher
        ):  # joblib's: kept jobs are fast, and it would deal out slow ones in heaps
            config.hydra.launcher.batch_size = "1"
