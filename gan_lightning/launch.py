"""Training from the command line: Hydra composes it, `gan_lightning.single` runs it, or `gan_lightning.sweeps` do.

Composing alone, as for `--cfg job`, imports neither.
"""

import os
import sys

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from gan_lightning import command
from gan_lightning.arguments import asked
from gan_lightning.composing import check_all_compositions
from gan_lightning.errors import UsageError, say
from gan_lightning.interruption import Interrupted, Listener
from gan_lightning.mistakes import arranged, explain
from gan_lightning.paths import quoted
from gan_lightning.schema import CONF
from gan_lightning.streams import harmless


def launch() -> int:
    """Train as the command line says.

    The exit code: 0 done, 1 the run diverged or a job of a sweep failed, 2 a mistake in what was asked for, 130 and 143
    where SIGINT and SIGTERM stopped it, 138 where SLURM's warning did.
    """
    harmless()
    command.forget()
    try:
        with Listener():
            return _launch()
    except Interrupted as stopped:  # a sweep, or a run that had not begun
        return _interrupted(stopped)


def _launch() -> int:
    os.environ["HYDRA_FULL_ERROR"] = "1"  # let exceptions through: they are reported below
    OmegaConf.register_new_resolver("pid", os.getpid, replace=True)
    if asked(sys.argv[1:]) is not None:
        from gan_lightning.single import resume

        return resume(sys.argv[1:])
    sys.argv[1:] = [quoted(argument) for argument in sys.argv[1:]]
    overrides = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    check_all_compositions()
    try:
        sys.argv[1:] = arranged(sys.argv[1:])
        hydra.main(version_base="1.3", config_path=str(CONF), config_name="config")(_run)()
    except UsageError as error:
        return say(str(error))
    except Exception as error:
        if command.runs or not _take_back():
            raise
        return say(explain(error, overrides))  # it did not compose
    return _exit_code()


def _run(config: DictConfig) -> float | None:
    """What Hydra calls for a run, and for each job of a sweep, perhaps in another process; returns the objective."""
    if HydraConfig.get().mode == RunMode.MULTIRUN:
        from gan_lightning.sweeps.job import run_job

        return run_job(config)
    command.runs.append(1)
    from gan_lightning.single import run

    run(config)
    return None


def _interrupted(stopped: Interrupted) -> int:
    from gan_lightning.runs.lock import discard
    from gan_lightning.sweeps.outcome import interrupted

    discard(command.made)
    return interrupted(stopped)


def _exit_code() -> int:
    if not command.sweep:
        return 0
    from gan_lightning.sweeps.outcome import exit_code

    return exit_code()


def _take_back() -> bool:
    if not command.sweep:
        return True
    from gan_lightning.sweeps.outcome import take_back

    return take_back()
