"""A search with Optuna: each job asks for values and tells what they gave, by a journal in the sweep's folder.

Stopped, killed and resumed searches, and several processes at once, share what has been learnt so far.
"""

import math
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from omegaconf import DictConfig, OmegaConf

JOURNAL = "search.log"


class Asked(NamedTuple):
    """Values for one job."""

    number: int
    """Of Optuna's trial."""
    values: dict[str, Any]
    """By config key."""


def ask(sweep: Path, nodes: Mapping[str, DictConfig], mode: str, seed: int) -> Asked:
    """Values for the next job.

    Args:
        sweep: the sweep's folder.
        nodes: `sweep.search`.
        mode: min or max, of the objective.
        seed: of this choice; the same seed behind the same history gives the same values.
    """
    import optuna

    study = _study(sweep, mode, seed)
    space = {node.key: _distribution(node) for node in nodes.values()}
    trial = study.ask(space)
    assert isinstance(trial, optuna.Trial)
    return Asked(trial.number, {key: _rounded(value) for key, value in trial.params.items()})


def tell(sweep: Path, mode: str, number: int, value: float | None) -> None:
    """What a job's values gave; None if it failed or diverged."""
    import optuna

    state = optuna.trial.TrialState.FAIL if value is None else None
    _study(sweep, mode, 0).tell(number, value, state=state)


def give_up(sweep: Path, mode: str, number: int) -> None:
    """Note that a job will never tell: it was killed."""
    import optuna

    study = _study(sweep, mode, 0)
    if study.trials[number].state == optuna.trial.TrialState.RUNNING:
        study.tell(number, state=optuna.trial.TrialState.FAIL)


def put(config: DictConfig, values: Mapping[str, Any]) -> list[str]:
    """Set the values in a job's config; returns them as overrides."""
    for key, value in values.items():
        OmegaConf.update(config, key, value)
    return [f"{key}={value}" for key, value in values.items()]


def _study(sweep: Path, mode: str, seed: int) -> Any:
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # constant_liar is experimental
        sampler = optuna.samplers.TPESampler(seed=seed, constant_liar=True)
    return optuna.create_study(
        storage=JournalStorage(JournalFileBackend(str(sweep / JOURNAL))),
        study_name="sweep",
        load_if_exists=True,
        sampler=sampler,
        direction="minimize" if mode == "min" else "maximize",
    )


def _distribution(node: DictConfig) -> Any:
    from optuna.distributions import FloatDistribution, IntDistribution

    kind = IntDistribution if isinstance(node.low, int) and isinstance(node.high, int) else FloatDistribution
    return kind(node.low, node.high, log=node.log)


def _rounded(value: Any) -> Any:
    """Four significant digits: what is run is what is shown."""
    if not isinstance(value, float) or value == 0:
        return value
    return round(value, 3 - math.floor(math.log10(abs(value))))
