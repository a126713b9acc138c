"""Training from the command line: Hydra composes it, `gan_lightning.execution` runs it, alone or in a sweep."""

import os
import sys
import traceback
from pathlib import Path
from typing import Any, final

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.experimental.callback import Callback
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from gan_lightning.company import announce, company
from gan_lightning.composing import check_all_compositions
from gan_lightning.errors import Diverged, RankFailed, UsageError, say
from gan_lightning.folders import check_writable, make, remove_empty
from gan_lightning.interruption import Interrupted, Listener
from gan_lightning.mistakes import arranged, explain
from gan_lightning.others import Others, advice
from gan_lightning.paths import quoted
from gan_lightning.resuming import asked, resumption
from gan_lightning.runs.fresh import check_free
from gan_lightning.runs.lock import discard
from gan_lightning.runs.run import CONFIG, name_last
from gan_lightning.runs.status import Status, begun
from gan_lightning.runs.stopped import tell
from gan_lightning.schema import CONF
from gan_lightning.started import check_start, outside, rank
from gan_lightning.streams import harmless
from gan_lightning.sweeps.outcome import exit_code, interrupted, take_back
from gan_lightning.sweeps.start import check_alone, forget
from gan_lightning.validation import drop_unchosen, validate
from gan_lightning.values import folder_at

_started: list[int] = []
"""As long as a run or a sweep of this command line has begun."""
_made: list[Path] = []
"""Folders that this process has made for its command line's one run, innermost first."""


def launch() -> int:
    """Train as the command line says.

    The exit code: 0 done, 1 the run diverged or a job of a sweep failed, 2 a mistake in what was asked for, 130 and 143
    where SIGINT and SIGTERM stopped it, 138 where SLURM's warning did.
    """
    harmless()
    forget()
    _started.clear()
    _made.clear()
    try:
        with Listener():
            return _launch()
    except Interrupted as stopped:  # a sweep, or a run that had not begun
        discard(_made)
        return interrupted(stopped)


def _launch() -> int:
    os.environ["HYDRA_FULL_ERROR"] = "1"  # let exceptions through: they are reported below
    OmegaConf.register_new_resolver("pid", os.getpid, replace=True)
    if asked(sys.argv[1:]) is not None:
        return _resume(sys.argv[1:])
    sys.argv[1:] = [quoted(argument) for argument in sys.argv[1:]]
    overrides = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    check_all_compositions()
    try:
        sys.argv[1:] = arranged(sys.argv[1:])
        hydra.main(version_base="1.3", config_path=str(CONF), config_name="config")(_run)()
    except UsageError as error:
        return say(str(error))
    except Exception as error:
        if _started or not take_back():
            raise
        return say(explain(error, overrides))  # it did not compose
    return exit_code()


@final
class ValidateBeforeRun(Callback):
    """Refuses a config that can't run before there is a folder for it, then makes the folder before Hydra does."""

    def on_run_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Exit with code 2 on a mistake."""
        try:
            HydraConfig.instance().set_config(config)  # as Hydra does next: values and the folder's name refer to it
            check_alone(config)
            drop_unchosen(config, _overrides(config.hydra))
            validate(config)
            check_start(config, _hydra_overrides(config))
            folder = folder_at(config, "hydra.run.dir")
            check_writable(folder, "name another folder as hydra.run.dir")
            own = folder
            if not OmegaConf.is_interpolation(config, "folder"):  # else the same, known in a run alone
                own = Path(config.folder)
                check_writable(own, "name another folder as folder=FOLDER, or leave it out")
            if rank() == 0 and config.ckpt_path is None:
                check_free(own)
        except UsageError as error:
            code = say(str(error))
            if _shared(config):
                announce(_folder(config), error)
            sys.exit(code)
        except OSError as error:  # a name that no file system takes, say
            sys.exit(say(f"{error.filename}: {error.strerror}: name another file or folder"))
        except Exception:  # Hydra would go on with a warning
            traceback.print_exc()
            sys.exit(1)
        try:
            _made.extend(make(folder))
        except OSError as error:
            told = f"{folder.absolute()} can't be made ({error.strerror})"
            sys.exit(say(f"{told}: name another folder as hydra.run.dir"))


def _run(config: DictConfig) -> float | None:
    """What Hydra calls for a run, and for each job of a sweep, perhaps in another process; returns the objective."""
    if HydraConfig.get().mode == RunMode.MULTIRUN:
        from gan_lightning.sweeps.job import run_job

        return run_job(config)
    _started.append(1)
    overrides = _overrides(HydraConfig.get())
    try:
        drop_unchosen(config, overrides)
        _train(config, overrides)
    except UsageError as error:
        if outside():
            remove_empty(_made)  # others may be in it
        else:
            discard(_made)
        sys.exit(say(str(error)))
    return None


def _resume(arguments: list[str]) -> int:
    try:
        config, status = _resumption(arguments)
        _execute(config, status)
    except UsageError as error:
        return say(str(error))
    except HydraException as error:
        return say(explain(error, arguments))
    return 0


def _resumption(arguments: list[str]) -> tuple[DictConfig, Status]:
    try:
        return resumption(arguments)
    except UsageError as error:
        folder = Path(asked(arguments) or "")
        if outside() and (folder / CONFIG).is_file():
            announce(folder, error)
        raise


def _train(config: DictConfig, overrides: list[str]) -> None:
    if rank() == 0:
        name_last(config)
    _execute(config, begun(overrides))


def _execute(config: DictConfig, status: Status) -> None:
    try:
        with Listener(), company(config, status) as others:  # inside of Hydra, which says of errors what it likes
            _play(config, status, others)
    except Interrupted as stopped:
        tell(stopped, Path(config.folder))
        discard(_made)
        sys.exit(stopped.code)
    except Diverged as error:
        say(str(error))
        sys.exit(1)
    except RankFailed as error:
        say(str(error) + advice(Path(config.folder)))
        sys.exit(1)


def _play(config: DictConfig, status: Status, others: Others) -> None:
    from gan_lightning.execution import execute, join  # takes seconds: torch

    if rank() > 0:
        join(config, others)
    else:
        print(execute(config, status, others, _made))


def _shared(config: DictConfig) -> bool:
    """Whether this is one of several ranks in one folder."""
    named = any(override.startswith("hydra.run.dir=") for override in _hydra_overrides(config))
    return outside() and named and OmegaConf.select(config, "trainer.strategy") is not None


def _folder(config: DictConfig) -> Path:
    """The run's, also before the run in which alone `folder` is known."""
    return Path(config.hydra.run.dir if OmegaConf.is_interpolation(config, "folder") else config.folder)


def _hydra_overrides(config: DictConfig) -> list[str]:
    """The command line's that are of Hydra's own part, as they were written."""
    return OmegaConf.to_container(config.hydra.overrides.hydra, resolve=False)  # type: ignore[return-value]


def _overrides(settings: Any) -> list[str]:
    """The command line's, or the job's, as they were written."""
    return OmegaConf.to_container(settings.overrides.task, resolve=False)  # type: ignore[return-value]
