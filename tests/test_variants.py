"""What the heads of the variants' configs say, and whether the settings listed are those of a run."""

import re
from collections.abc import Callable

import pytest
from omegaconf import DictConfig, OmegaConf

from gan_lightning.errors import UsageError
from gan_lightning.schema import CONF
from gan_lightning.variants import FACTS, card, names, recipes, settings


@pytest.mark.parametrize("variant", names())
def test_every_variant_says_what_it_is(variant: str) -> None:
    known = card(variant)
    assert known.title and tuple(known.facts) == FACTS
    assert re.search(r" 20\d\d, .+arXiv:\d{4}\.\d{4,5}$", known.facts["paper"])
    assert all(known.facts[player].startswith(("max  ", "min  ")) for player in ("discriminator", "generator"))


@pytest.mark.parametrize("variant", names())
def test_the_settings_are_those_of_a_run(variant: str, composed: Callable[..., DictConfig]) -> None:
    config = composed(f"model={variant}", "data=mnist")
    changed = {setting.key for setting in recipes(variant).get("mnist", [])}
    for setting in (one for one in settings(variant) if one.key not in changed):
        value = OmegaConf.select(config, setting.key)
        if isinstance(value, DictConfig):
            assert value["_target_"].split(".")[-1] == setting.value, setting
        else:
            assert str(value) == str(setting.value) or float(value) == float(setting.value), setting
        assert (CONF / setting.file).is_file()


def test_a_recipe_names_its_data_and_what_it_changes() -> None:
    changes = recipes("wgan")
    assert list(changes) == ["gaussians"]
    assert {change.file for change in changes["gaussians"]} == {"recipe/gaussians_wgan.yaml"}
    assert {change.key: change.value for change in changes["gaussians"]}["model.clip"] == 0.1
    assert recipes("dcgan") == {}


def test_an_unknown_variant_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="wgna: no such variant, did you mean wgan"):
        card("wgna")
