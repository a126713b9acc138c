"""The config of an evaluation: what the command line asks for, composed without importing torch."""

from collections.abc import Sequence

from hydra import compose, initialize_config_dir
from omegaconf import DictConfig

from gan_lightning.errors import UsageError
from gan_lightning.evaluation.subject import Subject
from gan_lightning.mistakes import explain
from gan_lightning.schema import CONF
from gan_lightning.validation import drop_unchosen


def plan(subject: Subject, overrides: Sequence[str]) -> DictConfig:
    """What to evaluate with: the subject's own config, with the metrics and data settings that are asked for.

    Raises:
        UsageError: the overrides don't compose, ask for something that an evaluation does not read, or leave no metric.
    """
    for override in overrides:
        group = override.lstrip("+~").split("=")[0].split(".")[0]
        if group not in ("data", "metrics"):
            raise UsageError(f"{override}: an evaluation reads data and metrics, as in metrics=[fd_classifier]")
    config = subject.plan(overrides)
    if not config.metrics:
        raise UsageError("there is nothing to measure: add metrics=NAME, or several as metrics=[NAME,NAME]")
    return config


def composed(overrides: Sequence[str], asked: Sequence[str]) -> DictConfig:
    """The config of overrides, of which the command line has `asked`. Raises UsageError where they don't compose."""
    try:
        with initialize_config_dir(str(CONF), version_base="1.3"):
            config = compose("config", ["folder=unused", "callbacks=none", "~callbacks.samples", *overrides])
    except Exception as error:
        raise UsageError(explain(error, list(overrides))) from error
    drop_unchosen(config, asked)
    return config
