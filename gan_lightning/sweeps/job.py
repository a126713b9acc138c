"""One job of a sweep, in whichever process the launcher runs it: kept if it is done, else run and recorded."""

import hashlib
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf, open_dict

from gan_lightning.errors import UsageError
from gan_lightning.runs.run import name_last
from gan_lightning.runs.status import COMPLETE, FAILED, FINISHED, Status, begun, told, write_status
from gan_lightning.streams import harmless
from gan_lightning.sweeps import folders, naming, search
from gan_lightning.sweeps.child import run_in_child
from gan_lightning.sweeps.devices import free_gpu, threads
from gan_lightning.sweeps.locks import hold
from gan_lightning.sweeps.objective import check_objective, choose
from gan_lightning.sweeps.plan import Plan, read_plan
from gan_lightning.sweeps.rows import last_figures
from gan_lightning.sweeps.write import try_to_write
from gan_lightning.validation import drop_unchosen, validate


class _Job(NamedTuple):
    number: int
    overrides: list[str]
    """As they were written."""
    identity: list[str]
    launcher: DictConfig


def run_job(config: DictConfig) -> float | None:
    """Run one job and write the sweep's results; its objective, None if it has none. Raises nothing but Ctrl-C."""
    harmless()
    settings = HydraConfig.get()
    plan = read_plan(Path(settings.sweep.dir))
    overrides: Any = OmegaConf.to_container(settings.overrides.task, resolve=False)
    job = _Job(settings.job.num, overrides, naming.identity(overrides), settings.launcher)
    digest = hashlib.sha256("\n".join(job.identity).encode()).hexdigest()[:16]
    lock = hold(plan.lock(f"job-{digest}"))
    if lock is None:
        _say(f"job {job.number} runs in another process already: left to it")
        return None
    with lock:
        folder, status = _kept(plan, job) or _run(plan, job, config)
    return None if status.state != FINISHED else _value(plan, folder)


def _kept(plan: Plan, job: _Job) -> tuple[Path, Status] | None:
    """A job that came to its end before; one that did not is forgotten by the search."""
    found = folders.find(plan.folder, job.identity)
    if found is None:
        return None
    folder, status = found
    if status.state in COMPLETE:
        print(f"job {job.number} is kept: {folder.name}, {status.state}", flush=True)
        return found
    if status.trial is not None:
        search.give_up(plan.folder, plan.mode or "min", status.trial)
    return None


def _run(plan: Plan, job: _Job, config: DictConfig) -> tuple[Path, Status]:
    values = naming.varied(job.overrides, plan.keys)
    asked = _ask(plan, job, config)
    if asked is not None:
        values |= naming.varied(search.put(config, asked.values), plan.keys)
    status = begun(job.identity, values, None if asked is None else asked.number)
    folder = folders.claim(plan.folder, job.number, status)
    with open_dict(config):
        config.folder = str(folder)
    print(f"job {job.number}: {folder.name}", flush=True)
    status = _result(plan, job, config, status)
    if status.state != FINISHED:
        _say(f"job {job.number} ({folder.name}) {status.state}: {status.reason}; the sweep goes on")
    if asked is not None:
        value = _value(plan, folder) if status.state == FINISHED else None
        search.tell(plan.folder, plan.mode or "min", asked.number, value)
    try_to_write(plan.folder)
    return folder, status


def _ask(plan: Plan, job: _Job, config: DictConfig) -> search.Asked | None:
    if not config.sweep.search:
        return None
    return search.ask(plan.folder, config.sweep.search, plan.mode or "min", config.seed + job.number)


def _result(plan: Plan, job: _Job, config: DictConfig, status: Status) -> Status:
    """Check the job and run it; what is wrong with it is its status."""
    folder = Path(config.folder)
    try:
        drop_unchosen(config, job.overrides)
        validate(config)
        check_objective(config)
        name_last(config)
        with open_dict(config):
            config.threads = threads(config, job.launcher)
            _show_in_tensorboard(config, status.varied)
        plain: Any = OmegaConf.to_container(config, resolve=True)
        with _gpu(plan, config, job.number) as gpu:
            return run_in_child(plain, status, gpu)
    except Exception as error:
        if not isinstance(error, UsageError):
            traceback.print_exc()
        status = status.ended(FAILED, told(error))
        write_status(folder, status)
        return status


@contextmanager
def _gpu(plan: Plan, config: DictConfig, number: int) -> Iterator[str | None]:
    gpu, lock = free_gpu(plan, config, number)
    try:
        yield gpu
    finally:
        if lock is not None:
            lock.close()


def _show_in_tensorboard(config: DictConfig, values: dict[str, Any]) -> None:
    """What differs between jobs is a column of the HParams tab, whatever it is."""
    shown = OmegaConf.select(config, "callbacks.hparams.parameters")
    if shown is not None:
        shown.update({name: value for name, value in values.items() if name not in shown})


def _value(plan: Plan, folder: Path) -> float | None:
    figures = last_figures(folder)
    objective = choose(figures, plan.objective, plan.mode)
    return None if objective is None else figures[objective.name].value


def _say(message: str) -> None:
    print(f"gan_lightning: {message}", file=sys.stderr, flush=True)
