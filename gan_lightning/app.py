"""The command line: a verb is done, anything else Hydra composes and `gan_lightning.train` trains.

Mistakes get one line and exit code 2.
"""

import os
import sys
import traceback
from pathlib import Path
from typing import Any, final

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.experimental.callback import Callback
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from gan_lightning.errors import UsageError
from gan_lightning.folders import missing, remove_empty
from gan_lightning.mistakes import check_flags, explain
from gan_lightning.schema import CONF
from gan_lightning.validation import drop_unchosen, validate

_started: list[int] = []
_failed: list[int] = []
"""Numbers of the jobs of this command line."""
_made: list[Path] = []
"""Folders that Hydra makes for this command line's one run."""


def main() -> int:
    """Run the command line; the exit code: 0 done, 1 a job of a sweep failed, 2 a mistake in what was asked for."""
    if len(sys.argv) > 1 and names_a_verb(sys.argv[1]):
        return _do(sys.argv[1:])
    os.environ["HYDRA_FULL_ERROR"] = "1"  # let exceptions through: they are reported below
    OmegaConf.register_new_resolver("pid", os.getpid, replace=True)
    for noted in (_started, _failed, _made):
        noted.clear()
    overrides = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    try:
        check_flags(sys.argv[1:])
        hydra.main(version_base="1.3", config_path=str(CONF), config_name="config")(_run)()
    except UsageError as error:
        return _say(str(error))
    except Exception as error:
        if _started:
            raise
        return _say(explain(error, overrides))  # it did not compose
    return 1 if _failed else 0


def console() -> None:
    """The `gan-lightning` command."""
    sys.exit(main())


@final
class ValidateBeforeRun(Callback):
    """Refuses a config that can't run before Hydra makes a folder for it, and notes the folders that it will make."""

    def on_run_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Exit with code 2 on a mistake."""
        try:
            drop_unchosen(config, _overrides(config.hydra))
            validate(config)
        except UsageError as error:
            sys.exit(_say(str(error)))
        HydraConfig.instance().set_config(config)  # as Hydra does next: the folder's name is made from it
        _made.extend(missing(Path(config.hydra.run.dir).absolute()))


def names_a_verb(argument: str) -> bool:
    """Whether a command line's first argument is a plain word; Hydra's have a `=`, or start with -, + or ~."""
    return argument != "" and "=" not in argument and argument[0] not in "-+~"


def _do(arguments: list[str]) -> int:
    try:
        from gan_lightning.verbs.app import run  # typer and rich take as long as composing does

        return run(arguments)
    except UsageError as error:
        return _say(str(error))


def _run(config: DictConfig) -> None:
    """One job: alone it exits with its mistake; in a sweep the mistake is told and the next job runs."""
    job = HydraConfig.get().job
    sweeping = HydraConfig.get().mode == RunMode.MULTIRUN
    _started.append(1)
    try:
        drop_unchosen(config, _overrides(HydraConfig.get()))
        if sweeping:
            validate(config)
        _train(config)
    except UsageError as error:
        if not sweeping:
            remove_empty(_made)
            sys.exit(_say(str(error)))
        remove_empty([Path(HydraConfig.get().runtime.output_dir)])
        _failed.append(_say(f"job {job.num} ({job.override_dirname}): {error}"))
    except Exception:
        if not sweeping:
            raise
        traceback.print_exc()
        _failed.append(_say(f"job {job.num} ({job.override_dirname}) failed, see above; the sweep goes on"))


def _train(config: DictConfig) -> None:
    from gan_lightning.report import report, save_config
    from gan_lightning.train import fit, prepare

    folder = Path(config.folder)
    parts = prepare(config)
    save_config(config, folder)  # only now: a mistake leaves nothing
    seconds = fit(parts)
    print(report(folder, parts.trainer.global_step, seconds))


def _overrides(settings: Any) -> list[str]:
    """The command line's, or the job's, as they were written."""
    return OmegaConf.to_container(settings.overrides.task, resolve=False)  # type: ignore[return-value]


def _say(message: str) -> int:
    print(f"gan_lightning: {message}", file=sys.stderr)
    return 2
