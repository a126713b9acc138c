"""Hydra's own part of a config: what it ships and what its plugins ship goes on, nothing else is called."""

import copy
from collections.abc import Callable
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from hydra._internal import hydra as hydras
from hydra._internal.config_search_path_impl import ConfigSearchPathImpl
from hydra._internal.sources_registry import SourcesRegistry
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from gan_lightning.composing import CheckedLoader, SharedSources
from gan_lightning.errors import UsageError
from gan_lightning.reading import ParsedFiles
from gan_lightning.schema import CONF


@pytest.fixture
def composing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., DictConfig]:
    """Composes as the program does."""
    monkeypatch.setattr(hydras, "ConfigLoaderImpl", CheckedLoader)
    monkeypatch.setattr(HydraConfig.instance(), "cfg", None)

    def make(*overrides: str) -> DictConfig:
        with initialize_config_dir(str(CONF), version_base="1.3"):
            return compose("config", list(overrides), return_hydra_config=True)

    return make


@pytest.mark.parametrize("launcher", ["basic", "joblib", "slurm", "submitit_local", "submitit_slurm"])
def test_every_launcher_goes_on(launcher: str, composing: Callable[..., DictConfig]) -> None:
    directory = "hydra.sweep.dir=runs/${hydra:runtime.choices.model}"  # known in a run alone, but text in any case
    assert "Launcher" in composing(f"hydra/launcher={launcher}", directory).hydra.launcher._target_


@pytest.mark.parametrize(
    "choice", ["sweeper=basic", "job_logging=default", "hydra_logging=default", "job_logging=none"]
)
def test_other_choices_of_hydras_go_on(choice: str, composing: Callable[..., DictConfig]) -> None:
    composing(f"hydra/{choice}")


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("hydra/launcher=joblib hydra.launcher._target_=os.system", "hydra.launcher._target_=os.system is refused"),
        (
            "hydra.launcher._target_=hydra._internal.core_plugins.basic_sweeper.BasicSweeper",
            "hydra.launcher._target_=hydra._internal.core_plugins.basic_sweeper.BasicSweeper is refused",
        ),
        ("+hydra.launcher.a=[{_target_:os.system}]", "hydra.launcher.a.0._target_=os.system is refused"),
        ("+hydra.launcher.a=${data}", "hydra.launcher.a._target_=gan_lightning.data.gaussians.Gaussians is refused"),
        ("+hydra.launcher.a=${hydra:job.name}", "hydra.launcher.a=${hydra:job.name} can't be resolved here"),
        ("hydra.launcher=null", "hydra.launcher describes nothing: write hydra/launcher=basic"),
        ("hydra.callbacks.sweep._target_=os.system", "hydra.callbacks.sweep._target_=os.system is refused"),
        ("~hydra.callbacks.validate", "hydra.callbacks are the program's own: leave them alone"),
        (
            "+hydra.job_logging.handlers={a:{class:os.system}}",
            "hydra.job_logging.handlers.a.class=os.system is refused",
        ),
        (
            "+hydra.job_logging.filters={a:{class:[os.system]}}",
            "hydra.job_logging.filters.a.class.0=os.system is refused",
        ),
        ("+hydra.hydra_logging.a=ext://os.environ", "hydra.hydra_logging.a=ext://os.environ is refused"),
    ],
)
def test_what_would_be_called_is_refused(override: str, told: str, composing: Callable[..., DictConfig]) -> None:
    with pytest.raises(UsageError) as raised:
        composing(*override.split())
    assert str(raised.value).startswith(told)


def test_a_factory_of_loggings_is_refused(composing: Callable[..., DictConfig], tmp_path: Path) -> None:
    """Hydra's grammar has no such key, but a file of the config folder may."""
    (tmp_path / "evil.yaml").write_text(
        "defaults: [/config, _self_]\nhydra: {job_logging: {filters: {a: {(): os.system}}}}\n"
    )
    with initialize_config_dir(str(tmp_path), version_base="1.3"):
        with pytest.raises(UsageError, match=r"hydra.job_logging.filters.a.\(\)=os.system is refused"):
            compose("evil", [f"hydra.searchpath=[file://{CONF}]"], return_hydra_config=True)


def test_a_copy_of_the_sources_has_its_own_list_of_the_same() -> None:
    path = ConfigSearchPathImpl()
    path.append("test", f"file://{CONF}")
    path.append("schema", "structured://")
    sources = SharedSources(path)
    copied = copy.deepcopy(sources)
    assert all(one is other for one, other in zip(copied.sources, sources.sources, strict=True))
    path.prepend("more", "file:///nowhere")
    copied.initialize_sources(path)
    assert len(copied.sources) == 3 and len(sources.sources) == 2


def test_files_are_read_once_and_hydras_own_way_of_reading_is_left_to_it() -> None:
    path = ConfigSearchPathImpl()
    path.append("test", f"file://{CONF}")
    path.append("hydra", "pkg://hydra.conf")
    files, package = SharedSources(path).sources
    assert (type(files), files.provider, files.path) == (ParsedFiles, "test", str(CONF))
    assert package.scheme() == "pkg"
    registered = SourcesRegistry.instance().resolve("file")
    assert registered.__name__ == "FileConfigSource"  # as in a job of joblib's, where Hydra would refuse another


def test_what_is_composed_is_nobody_elses(composing: Callable[..., DictConfig]) -> None:
    first, before = composing(), composing()
    first.hydra.launcher._target_ = "other"
    first.hydra.sweeper.max_batch_size = 3
    first.model.loss._target_ = "other"
    assert composing() == before
