"""The config of an evaluation: the data and the metrics of a run or of the command line, without importing torch."""

from collections.abc import Sequence

from hydra import compose, initialize_config_dir
from omegaconf import DictConfig, OmegaConf

from gan_lightning.errors import UsageError
from gan_lightning.evaluation.subject import Pictures, Run, Subject
from gan_lightning.mistakes import explain
from gan_lightning.schema import CONF
from gan_lightning.validation import drop_unchosen, validate


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
    config = OmegaConf.load(run.config)
    assert isinstance(config, DictConfig)
    metrics = [override for override in overrides if override.startswith("metrics")]
    settings = [override for override in overrides if override.startswith("data.")]
    if len(metrics) + len(settings) < len(overrides):
        raise UsageError("a run is evaluated on its own data: only data.KEY=VALUE can change, data.root for instance")
    unknown = [setting for setting in settings if setting.split("=")[0].removeprefix("data.") not in config.data]
    if unknown:
        raise UsageError(f"{unknown[0]}: these data have {', '.join(str(key) for key in config.data)}")
    if metrics:
        asked = _composed([f"data={_source(config)}", *metrics]).metrics
        config.metrics = OmegaConf.to_container(asked, resolve=True)  # where the keys that it refers to are
    return OmegaConf.unsafe_merge(config, OmegaConf.from_dotlist(settings))  # type: ignore[return-value]


def _of_pictures(pictures: Pictures, overrides: Sequence[str]) -> DictConfig:
    if not any(override.startswith("data=") for override in overrides):
        raise UsageError(
            f"{pictures.folder} is no run: to compare its pictures add data=mnist, or another set of images, "
            "or data=image_folder data.root=FOLDER"
        )
    config = _composed(overrides)
    validate(config)
    return config


def _composed(overrides: Sequence[str]) -> DictConfig:
    try:
        with initialize_config_dir(str(CONF), version_base="1.3"):
            config = compose("config", ["folder=unused", "callbacks=none", "~callbacks.samples", *overrides])
    except Exception as error:
        raise UsageError(explain(error, list(overrides))) from error
    drop_unchosen(config, overrides)
    return config


def _source(config: DictConfig) -> str:
    """The option of the group data that names the run's class."""
    for path in sorted((CONF / "data").glob("*.yaml")):
        if OmegaConf.load(path).data["_target_"] == config.data["_target_"]:
            return path.stem
    raise UsageError(f"data of class {config.data['_target_']} are in none of this version's configs")
