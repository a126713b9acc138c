"""The config of an evaluation: the run's own, and what the command line may change of it."""

from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from gan_lightning.errors import UsageError
from gan_lightning.evaluation.of_pictures import PicturesSubject
from gan_lightning.evaluation.of_run import RunSubject
from gan_lightning.evaluation.plan import plan
from gan_lightning.runs.run import CONFIG, Run
from gan_lightning.schema import CONF
from gan_lightning.validation import drop_unchosen


def run(folder: Path, *overrides: str) -> RunSubject:
    with initialize_config_dir(str(CONF), version_base="1.3"):
        config = compose("config", ["folder=unused", "callbacks=none", "~callbacks.samples", *overrides])
    drop_unchosen(config)
    (folder / "config.yaml").write_text(OmegaConf.to_yaml(config, resolve=True))
    return RunSubject(Run(folder, folder / "checkpoints" / "last.ckpt"))


def test_a_run_is_measured_by_its_own_metrics(tmp_path: Path):
    config = plan(run(tmp_path, "metrics=[wasserstein]"), [])
    assert list(config.metrics) == ["wasserstein"]
    assert config.data.kind == "ring"


def test_other_metrics_take_the_presets_of_the_runs_data(tmp_path: Path):
    config = plan(run(tmp_path, "data=mnist", "metrics=[]"), ["metrics=[fd_classifier]", "metrics.classifier.n=500"])
    assert (config.metrics.classifier.name, config.metrics.classifier.n) == ("mnist", 500)
    assert list(config.metrics.classifier.measures) == ["fd"]
    assert config.metrics.classifier.cache.endswith("/statistics")
    assert "inception" not in config.metrics


def test_a_runs_data_can_be_elsewhere(tmp_path: Path):
    overrides = [f"data.root={tmp_path}", "data.download=true"]
    assert plan(run(tmp_path, "data=mnist", "data.download=true"), overrides).data.root == str(tmp_path)


def test_a_setting_alone_leaves_the_runs_own_metrics(tmp_path: Path):
    config = plan(run(tmp_path, "data=mnist", "metrics=[memorisation]"), ["metrics.classifier.n=60"])
    assert list(config.metrics.classifier.measures) == ["memorisation"]
    assert config.metrics.classifier.n == 60


def test_other_metrics_keep_the_runs_choice_of_a_classifier(tmp_path: Path):
    (tmp_path / "a.png").touch()
    folder = ["data=image_folder", f"data.root={tmp_path}", "data.channels=1", "data.size=28"]
    own = run(tmp_path, *folder, "metrics=[fd_classifier]", "metrics.classifier.name=mnist")
    assert plan(own, ["metrics=[memorisation]"]).metrics.classifier.name == "mnist"


@pytest.mark.parametrize("content", ["{{{", "a: 1"])
def test_a_damaged_config_is_named(content: str, tmp_path: Path):
    own = run(tmp_path)
    (tmp_path / CONFIG).write_text(content)
    with pytest.raises(UsageError, match="config.yaml can't be read as a run's config"):
        plan(own, [])


@pytest.mark.parametrize(
    ("override", "line"),
    [
        ("model=wgan", "an evaluation reads data and metrics"),
        ("data=cifar10", "a run is evaluated on its own data"),
        ("data.rot=a", "what can change is data.root, data.test_root"),
        ("data.size=32", "a run is evaluated on its own data"),
        ("metrics.classifier.n=-5", "must be a whole number, at least 2"),
        ("metrics.classifier.reference=foo", "must be one of train, test"),
        ("metrics=[fidd]", "fid"),
        ("metrics=[]", "there is nothing to measure"),
    ],
)
def test_what_an_evaluation_does_not_read_is_refused(override: str, line: str, tmp_path: Path):
    with pytest.raises(UsageError, match=line):
        plan(run(tmp_path, "data=mnist"), [override])


def test_pictures_need_data_to_be_compared_with(tmp_path: Path):
    with pytest.raises(UsageError, match="is no run: to compare its pictures add data=mnist"):
        plan(PicturesSubject(tmp_path), ["metrics=[fd_classifier]"])


def test_pictures_take_the_datas_own_metrics(tmp_path: Path):
    (tmp_path / "a.png").touch()
    config = plan(PicturesSubject(tmp_path), ["data=mnist"])
    assert config.metrics.classifier.name == "mnist"
    with pytest.raises(UsageError, match="there is nothing to measure"):
        plan(PicturesSubject(tmp_path), ["data=image_folder", f"data.root={tmp_path}"])
