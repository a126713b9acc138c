"""A command line that doesn't compose is explained in one line, with the nearest key or option."""

import pytest
from hydra import compose, initialize_config_dir

from gan_lightning.errors import UsageError
from gan_lightning.mistakes import arranged, explain
from gan_lightning.schema import CONF


def explained(*overrides: str) -> str:
    """What is said of a command line that raises."""
    with initialize_config_dir(str(CONF), version_base="1.3"), pytest.raises(Exception) as raised:
        compose("config", list(overrides))
    return explain(raised.value, overrides)


@pytest.mark.parametrize(
    ("override", "key", "nearest"),
    [
        ("sed=1", "sed", "seed"),
        ("modle=wgan", "modle", "model"),
        ("model.n_critc=5", "model.n_critc", "model.n_critic"),
        ("optimiser.generator.lr=1", "optimiser.generator.lr", "optimizer.generator.lr"),
        ("data.batchsize=3", "data.batchsize", "data.batch_size"),
        ("network.generater.width=4", "network.generater.width", "network.generator.width"),
        ("callbacks.evaluation.evry=3", "callbacks.evaluation.evry", "callbacks.evaluation.every"),
        ("~callbacks.progres", "callbacks.progres", "callbacks.progress"),
    ],
)
def test_a_mistyped_key_is_answered_with_the_nearest(override: str, key: str, nearest: str):
    message = explained(override)
    assert message.startswith(f"{key}: no such key, did you mean {nearest}?")
    assert "--help lists the groups, --cfg job every key" in message


@pytest.mark.parametrize(
    ("override", "meant"),
    [
        ("lr=1e-3", "optimizer.generator.lr and optimizer.discriminator.lr"),
        ("optimizer.lr=1e-3", "optimizer.generator.lr and optimizer.discriminator.lr"),
        ("model.lr=1e-3", "optimizer.generator.lr and optimizer.discriminator.lr"),
        ("learning_rate=1e-3", "optimizer.generator.lr and optimizer.discriminator.lr"),
        ("network.width=64", "network.generator.width and network.discriminator.width"),
        ("norm=layer", "network.generator.norm and network.discriminator.norm"),
        ("model.penalty=[r1]", "penalty"),
        ("batch_size=64", "data.batch_size"),
        ("batchsize=64", "data.batch_size"),
        ("trainer.batch_size=64", "data.batch_size"),
        ("n_critic=5", "model.n_critic"),
        ("max_steps=10", "trainer.max_steps"),
        ("steps=10", "trainer.max_steps"),
        ("epochs=3", "trainer.max_epochs"),
        ("gpus=2", "trainer.devices"),
        ("resum=x", "resume"),
        ("sigmas=5", "metrics.modes.sigmas"),
    ],
)
def test_a_key_in_the_wrong_place_is_answered_with_all_that_have_its_name(override: str, meant: str):
    assert f": no such key, did you mean {meant}?; " in explained(override)


@pytest.mark.parametrize(
    ("overrides", "option"),
    [
        (["penalty.gradient.weight=5"], "penalty=[gradient]"),
        (["model.clip=0.1"], "model=wgan"),
        (["loss.a=0"], "loss=least_squares"),
        (["optimizer.generator.alpha=0.9"], "optimizer=rmsprop"),
        (["data=mnist", "data.kind=grid"], "data=gaussians"),
        (["network=dcgan", "network.generator.depth=2"], "network=mlp (or network=point_translator)"),
        (["model=gan", "schedule=constant", "schedule.start=0.5"], "schedule=cosine (or schedule=linear)"),
    ],
)
def test_a_key_of_an_option_that_is_not_chosen_is_answered_with_the_option(overrides: list[str], option: str):
    assert f"no such key in this choice of parts: add {option}, which brings it" in explained(*overrides)


def test_a_key_beside_others_but_unlike_them_is_answered_with_all_of_them():
    beside = "guard, progress, evaluation, curves, checkpoint, hparams, animation, samples"
    for override in ("callbacks.nothing=3", "~callbacks.nothing"):
        assert explained(override) == f"callbacks.nothing: no such key; callbacks has: {beside}"


def test_nobody_is_sent_to_the_wiring():
    for override in ("model.losss=1", "model.penaltie=[r1]", "data.minibatch=3"):
        assert not any(wire in explained(override) for wire in ("model.loss?", "model.penalties", "data.minibatches"))


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("~penalty", "~penalty: this group can't be taken away: write penalty=[]"),
        ("~model", "~model: this group can't be taken away: model has: "),
        ("~data", "~data: this group can't be taken away: data has: cifar10, "),
        ("nothing=1 ~callbacks", "nothing: no such key; "),
        ("+model=wgan", "+model: it is there already: write model=VALUE, without the +"),
        ("+seed=1", "+seed: it is there already: write seed=VALUE, without the +"),
        ("data=MNIST", "data=MNIST: no such option, did you mean mnist?; data has: "),
        ("model=wgan-gp", "model=wgan-gp: no such option, did you mean wgan_gp?; model has: "),
        ("model=5", "a group takes the name of one of its options, as in model=gan; "),
        ("model=null", "a group takes the name of one of its options, as in model=gan; "),
    ],
)
def test_a_group_used_wrongly_is_answered_without_hydras_words(override: str, message: str):
    assert explained(*override.split()).startswith(message)


@pytest.mark.parametrize(
    ("flag", "message"),
    [
        ("--model=wgan", "--model=wgan: no such flag: write model=wgan, without dashes"),
        ("--ckpt-path=x", "--ckpt-path=x: no such flag: write ckpt_path=x, without dashes"),
        ("--verbose", "--verbose: no such flag; --help lists the groups, --cfg job every key"),
        ("--cfg=nothing", "argument --cfg/-c: invalid choice: 'nothing' "),
        ("--experimental-rerun=a.pickle", "--experimental-rerun would execute what is in the file: resume=RUN goes on"),
    ],
)
def test_a_flag_that_does_not_exist_is_answered_in_one_line(flag: str, message: str):
    with pytest.raises(UsageError) as raised:
        arranged(["seed=1", flag])
    assert str(raised.value).startswith(message)


def test_hydras_own_flags_pass_and_come_first():
    assert arranged(["--cfg", "job"]) == ["--cfg", "job"]
    assert arranged(["--help"]) == ["--help"]
    assert arranged(["seed=1,2", "-m", "model=gan", "-cd", "x"]) == ["-m", "-cd", "x", "seed=1,2", "model=gan"]


def test_a_value_that_cant_be_set_is_answered_with_the_reason():
    assert explained("hydra.job.num=x").startswith("hydra.job.num=x: Value 'x' of type 'str' could not be converted")


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
    assert explain(ValueError("first\n  second"), []) == "first second"
