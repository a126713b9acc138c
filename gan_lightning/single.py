"""One run: checked before it begins, begun or gone on with, and what is said where it ends too soon.

Imported where there is a run: `gan_lightning.launch` composes, and shows what it composed, without it.
"""

import sys
import traceback
from pathlib import Path
from typing import Any, final

from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf

from gan_lightning import command
from gan_lightning.arguments import asked
from gan_lightning.company import announce, company
from gan_lightning.errors import Diverged, RankFailed, UsageError, say
from gan_lightning.folders import check_writable, make, remove_empty
from gan_lightning.interruption import Interrupted, Listener
from gan_lightning.mistakes import explain
from gan_lightning.others import Others, advice
from gan_lightning.resuming import resumption
from gan_lightning.runs.fresh import check_free
from gan_lightning.runs.lock import discard
from gan_lightning.runs.run import CONFIG, name_last
from gan_lightning.runs.status import Status, begun
from gan_lightning.runs.stopped import tell
from gan_lightning.started import check_start, outside, rank
from gan_lightning.sweeps.start import check_alone
from gan_lightning.validation import drop_unchosen, validate
from gan_lightning.values import folder_at


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
            command.made.extend(make(folder))
        except OSError as error:
            told = f"{folder.absolute()} can't be made ({error.strerror})"
            sys.exit(say(f"{told}: name another folder as hydra.run.dir"))


def run(config: DictConfig) -> None:
    """Train by a composed config. Exits with the code that `launch` returns, where it is another than 0."""
    overrides = _overrides(HydraConfig.get())
    try:
        drop_unchosen(config, overrides)
        _train(config, overrides)
    except UsageError as error:
        if outside():
            remove_empty(command.made)  # others may be in it
        else:
            discard(command.made)
        sys.exit(say(str(error)))


def resume(arguments: list[str]) -> int:
    """Go on with the run that a command line with `resume=RUN` names; the exit code, 2 for a mistake."""
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
        discard(command.made)
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
        print(execute(config, status, others, command.made))


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
