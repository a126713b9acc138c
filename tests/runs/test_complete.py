"""A run of an earlier version has the settings that its config could not have yet."""

from collections.abc import Callable
from typing import Any

import pytest
from omegaconf import DictConfig, OmegaConf

from gan_lightning.runs.complete import complete

Plain = dict[str, Any]


@pytest.fixture
def whole(composed: Callable[..., DictConfig]) -> Plain:
    """The resolved config of a default run."""
    plain: Any = OmegaConf.to_container(composed("penalty=[r1,gradient]", "~callbacks.hparams"), resolve=True)
    return plain


def test_a_run_of_this_version_stays_as_it_is(whole: Plain):
    before = OmegaConf.to_yaml(whole)
    complete(whole)
    assert OmegaConf.to_yaml(whole) == before


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("penalty.r1.every", 1),
        ("model.penalties.r1.every", 1),
        ("model.penalties.gradient.one_sided", False),
        ("model.n_critic", 1),
        ("callbacks.guard.every", "${guard.every}"),
        ("guard.rollbacks", 3),
        ("objective_mode", None),
    ],
)
def test_what_is_missing_is_as_shipped(path: str, value: Any, whole: Plain):
    node = whole
    *above, name = path.split(".")
    for part in above:
        node = node[part]
    del node[name]
    complete(whole)
    assert node[name] == value


def test_a_run_from_before_there_was_a_group_is_built_as_the_shipped_option_has_it(whole: Plain):
    speed = whole.pop("speed")
    assert whole["model"].pop("speed") == speed
    complete(whole)
    config = OmegaConf.create(whole)
    assert config.model.speed == speed and "_target_" in speed


def test_what_the_model_was_made_without_stays_away(whole: Plain):
    del whole["loss"]
    whole["model"]["loss"] = None
    complete(whole)
    assert "loss" not in whole and whole["model"]["loss"] is None


def test_what_others_than_the_package_take_is_left_alone(whole: Plain):
    del whole["trainer"]["precision"]
    del whole["optimizer"]["generator"]["fused"]
    complete(whole)
    assert "precision" not in whole["trainer"] and "fused" not in whole["optimizer"]["generator"]


def test_what_was_not_chosen_stays_away(whole: Plain):
    whole["penalty"], whole["metrics"] = {}, {}
    complete(whole)
    assert whole["penalty"] == whole["metrics"] == {}
