"""Before a sweep's folder is made: whether there is a job in it that could run; imports no torch."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf, open_dict

from gan_lightning.errors import UsageError
from gan_lightning.sweeps.objective import check_objective
from gan_lightning.validation import drop_unchosen, validate


def check_jobs(config: DictConfig) -> None:
    """Check a sweep's jobs one by one, as each of them will check itself, up to the first that is right.

    Args:
        config: of the sweep, as Hydra has composed it.

    Raises:
        UsageError: none of them is; with the first one's mistake.
    """
    mistakes: list[str] = []
    for number, overrides in enumerate(_jobs(config)):
        try:
            _check(config, number, overrides)
        except UsageError as error:
            mistakes.append(str(error))
        except HydraException:  # it is said where Hydra composes them all
            return
        else:
            return
    if mistakes:
        alike = mistakes.count(mistakes[0])
        told = f"; so it is with {alike} of the {len(mistakes)} jobs, and none can run" if len(mistakes) > 1 else ""
        raise UsageError(mistakes[0] + told)


def _check(sweep: DictConfig, number: int, overrides: Sequence[str]) -> None:
    loader = GlobalHydra.instance().config_loader()
    try:
        job = loader.load_sweep_config(sweep, list(overrides))
        with open_dict(job):
            job.hydra.job.id, job.hydra.job.num = str(number), number
        HydraConfig.instance().set_config(job)
        drop_unchosen(job, overrides)
        validate(job)
        check_objective(job)
    finally:
        HydraConfig.instance().set_config(sweep)


def _jobs(config: DictConfig) -> Iterator[Sequence[str]]:
    """The overrides of each job, in Hydra's order; none where its sweeper is another than Hydra's own."""
    params: Any = OmegaConf.to_container(config.hydra.sweeper.params or OmegaConf.create({}), resolve=False)
    written = [f"{key}={value}" for key, value in params.items()]
    parsed = OverridesParser.create().parse_overrides([*written, *config.hydra.overrides.task])
    choices = []
    for override in parsed:
        if not override.is_sweep_override():
            choices.append([override.input_line or ""])
        elif override.is_discrete_sweep():
            choices.append([f"{override.get_key_element()}={value}" for value in override.sweep_string_iterator()])
        else:
            return
    yield from itertools.product(*choices)
