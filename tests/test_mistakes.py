"""A command line that doesn't compose is explained in one line, with the nearest key or option."""

from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir

from gan_lightning.mistakes import explain

CONF = Path(__file__).resolve().parent.parent / "conf"


def explained(*overrides: str) -> str:
    """What is said of a command line that raises."""
    with initialize_config_dir(str(CONF), version_base="1.3"), pytest.raises(Exception) as raised:
        compose("config", list(overrides))
    return explain(raised.value, overrides, CONF)


@pytest.mark.parametrize(
    ("override", "key", "nearest"),
    [
        ("sed=1", "sed", "seed"),
        ("modle=wgan", "modle", "model"),
        ("model.n_critc=5", "model.n_critc", "model.n_critic"),
        ("optimiser.generator.lr=1", "optimiser.generator.lr", "optimizer.generator.lr"),
        ("data.batchsize=3", "data.batchsize", "data.batch_size"),
        ("callbacks.evaluation.evry=3", "callbacks.evaluation.evry", "callbacks.evaluation.every"),
        ("~callbacks.progres", "callbacks.progres", "callbacks.progress"),
    ],
)
def test_a_mistyped_key_is_answered_with_the_nearest(override: str, key: str, nearest: str):
    message = explained(override)
    assert message.startswith(f"{key}: no such key, did you mean {nearest}?")
    assert "--help lists the groups, --cfg job every key" in message


def test_the_keys_of_a_choice_are_known_once_it_is_chosen():
    assert "did you mean model.clip?" in explained("model=wgan", "model.clp=0.1")
    assert "did you mean model.clip?" not in explained("model.clp=0.1")


def test_a_key_unlike_all_others_is_answered_without_a_guess():
    message = explained("qwxyzqwxyz=1")
    assert message.startswith("qwxyzqwxyz: no such key; --help")


@pytest.mark.parametrize(
    ("override", "start"),
    [
        ("model=wgann", "model=wgann: no such option, did you mean wgan?; model has: "),
        ("loss=hing", "loss=hing: no such option, did you mean hinge?; loss has: "),
        ("penalty=[gradent]", "penalty=gradent: no such option, did you mean gradient?; penalty has: "),
        ("network=zzzz", "network=zzzz: no such option; network has: "),
    ],
)
def test_a_mistyped_option_is_answered_with_the_nearest_and_all_there_are(override: str, start: str):
    message = explained(override)
    assert message.startswith(start)
    group = override.split("=")[0]
    listed = message.removeprefix(start).split(", ")
    assert sorted(listed) == sorted(path.stem for path in (CONF / group).glob("*.yaml"))


@pytest.mark.parametrize("override", ["seed", "seed=[1", "model.ema=(", "se ed=1"])
def test_an_override_that_cannot_be_read_is_shown(override: str):
    message = explained(override)
    assert message.startswith(f"can't read the override '{override}': write KEY=VALUE")


def test_values_with_commas_need_m():
    message = explained("seed=1,2")
    assert "add -m to sweep over the values, or quote them as one" in message
    assert "1,2" in message


@pytest.mark.parametrize("overrides", [["sed=1"], ["model=wgann"], ["seed=1,2"], ["seed=[1"], ["=3"]])
def test_an_explanation_is_one_line(overrides: list[str]):
    message = explained(*overrides)
    assert message and "\n" not in message


def test_an_error_of_another_kind_is_told_in_one_line():
    assert explain(ValueError("first\n  second"), [], CONF) == "first second"
