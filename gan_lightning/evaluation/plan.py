"""The config of an evaluation: the data and the metrics of a run or of the command line, without importing torch."""

from collections.abc import Sequence

from hydra import compose, initialize_config_dir
from omegaconf import DictConfig, OmegaConf

from gan_lightning.errors import UsageError
from gan_lightning.evaluation.subject import Pictures, Run, Subject
from gan_lightning.mistakes import explain
from gan_lightning.schema import CONF
from gan_lightning.validation import drop_unchosen, validate

MOVABLE = ("data.root", "data.test_root", "data.download", "data.cache")
"""What may differ from the run: where its data lie."""


def plan(subject: Subject, overrides: Sequence[str]) -> DictConfig:
    """What to evaluate with: a run's own config, with the metrics and data settings that the command line asks for.

    Raises:
        UsageError: the overrides don't compose, ask for something that an evaluation does not read, or leave no metric.
    """
    for override in overrides:
        group = override.lstrip("+~").split("=")[0].split(".")[0]
        if group not in ("data", "metrics"):
            raise UsageError(f"{override}: an evaluation reads data and metrics, as in metrics=[fd_classifier]")
    config = _of_run(subject, overrides) if isinstance(subject, Run) else _of_pictures(subject, overrides)
    if not config.metrics:
        raise UsageError("there is nothing to measure: add metrics=NAME, or several as metrics=[NAME,NAME]")
    return config


def _of_run(run: Run, overrides: Sequence[str]) -> DictConfig:
    config = _saved(run)
    metrics = [override for override in overrides if override.startswith("metrics")]
    settings = [override for override in overrides if override not in metrics]
    for setting in settings:
        if setting.split("=")[0] not in MOVABLE:
            raise UsageError(f"{setting}: a run is evaluated on its own data; what can change is {', '.join(MOVABLE)}")
    if any(override.startswith("metrics=") for override in metrics):
        asked = _composed([f"data={_source(config)}", *_kept(config), *metrics], metrics).metrics
        config.metrics = OmegaConf.to_container(asked, resolve=True)  # where the keys that it refers to are
    else:
        settings += metrics
    config = OmegaConf.unsafe_merge(config, OmegaConf.from_dotlist(settings))  # type: ignore[assignment]
    validate(config)
    return config


def _saved(run: Run) -> DictConfig:
    try:
        config = OmegaConf.load(run.config)
        assert isinstance(config, DictConfig) and {"data", "model", "metrics"} <= config.keys()
    except Exception as error:  # YAML's own, OmegaConf's, the operating system's
        raise UsageError(
            f"{run.config} can't be read as the config of a run: restore the one it was made with"
        ) from error
    return config


def _kept(config: DictConfig) -> list[str]:
    """The run's own choice of extractor, as overrides."""
    choices = {
        f"metrics.{key}": OmegaConf.select(config, f"metrics.{key}") for key in ("classifier.name", "inception.weights")
    }
    return [f"{key}={value}" for key, value in choices.items() if value is not None]


def _of_pictures(pictures: Pictures, overrides: Sequence[str]) -> DictConfig:
    if not any(override.startswith("data=") for override in overrides):
        raise UsageError(
            f"{pictures.folder} is no run: to compare its pictures add data=mnist, or another set of images, "
            "or data=image_folder data.root=FOLDER"
        )
    config = _composed(overrides, overrides)
    validate(config)
    return config


def _composed(overrides: Sequence[str], asked: Sequence[str]) -> DictConfig:
    try:
        with initialize_config_dir(str(CONF), version_base="1.3"):
            config = compose("config", ["folder=unused", "callbacks=none", "~callbacks.samples", *overrides])
    except Exception as error:
        raise UsageError(explain(error, list(overrides))) from error
    drop_unchosen(config, asked)
    return config


def _source(config: DictConfig) -> str:
    """The option of the group data that names the run's class."""
    for path in sorted((CONF / "data").glob("*.yaml")):
        if OmegaConf.load(path).data["_target_"] == config.data["_target_"]:
            return path.stem
    raise UsageError(f"data of class {config.data['_target_']} are in none of this version's configs")
