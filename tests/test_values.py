"""Every value against its rule: written down, referred to, missing, or known in a run alone."""

from collections.abc import Callable

import pytest
from omegaconf import DictConfig

from gan_lightning.errors import UsageError
from gan_lightning.validation import drop_unchosen, validate
from gan_lightning.values import check_values, folder_at

Composed = Callable[..., DictConfig]


@pytest.mark.parametrize(
    ("knob", "message"),
    [
        ("threads='${data.kind}'", "threads=ring: must be a whole number, at least 1 and at most 1024, or null"),
        ("threads='${folder}/x'", "threads=/tmp/x/x: must be a whole number"),
        ("model.n_critic='${model.ema}'", "model.n_critic=0.999: must be a whole number, at least 1"),
        ("data.kind='${model.ema}'", "data.kind=0.999: must be one of ring, grid, random, swiss_roll"),
        ("data.batch_size='${oc.decode:\"0\"}'", "data.batch_size=0: must be a whole number, at least 1"),
        ("data.batch_size='${oc.decode:\"[1,2]\"}'", "data.batch_size=[1, 2]: must be a whole number"),
        ("data.batch_size='${model}'", "must be a whole number, at least 1"),
        ("optimizer.generator.lr='${data.kind}'", "optimizer.generator.lr=ring: must be a number above 0"),
        ("optimizer.generator.betas=['${nothing}',0.9]", "can't be resolved: Interpolation key 'nothing' not found"),
        ("guard.every='${model.max_grad_norm}'", "guard.every=null: must be a whole number, at least 1"),
        ("seed='${hydra:job.num}'", "seed=${hydra:job.num}: must be a whole number"),
        ("seed='???'", "seed has no default: add seed=VALUE"),
    ],
)
def test_what_a_reference_comes_to_is_held_against_the_rule(composed: Composed, knob: str, message: str) -> None:
    config = composed("model=gan", knobs=[knob])
    with pytest.raises(UsageError) as raised:
        check_values(config)
    assert message in str(raised.value)


def test_what_is_known_in_a_run_alone_is_text_and_may_stand_where_text_does(composed: Composed) -> None:
    check_values(composed("model=gan", knobs=["objective='${hydra:job.name}'"]))


def test_a_number_may_be_a_key(composed: Composed) -> None:
    config = composed("model=gan")
    config.callbacks = {"x": {"_target_": "gan_lightning.callbacks.x", "scheduling": {2: 2}, 3: {"n": 0}}}
    with pytest.raises(UsageError, match=r"callbacks\.x\.3\.n=0: must be a whole number, at least 2"):
        check_values(config)


@pytest.mark.parametrize("value", ["'${nothing:}'", "'???'", "null", "''"])
def test_a_folder_that_none_is_named_by(composed: Composed, value: str) -> None:
    with pytest.raises(UsageError, match="model.ema"):
        folder_at(composed("model=gan", knobs=[f"model.ema={value}"]), "model.ema")


@pytest.mark.parametrize(
    ("knob", "message"),
    [
        ("needs=null", "needs=null: must be a list"),
        ("trainer.max_steps=0", "trainer.max_steps=0 trains nothing"),
        ("trainer.max_epochs=0", "trainer.max_epochs=0 trains nothing"),
        ("trainer.num_sanity_val_steps=x", "must be a whole number, at least -1"),
        ("trainer.use_distributed_sampler=maybe", "must be one of true, false"),
        ("model.loss=hinge", "model.loss=hinge: must be a node with a _target_; leave it to loss"),
        ("optimizer.generator._target_=torch.optim.LBFGS", "can't train a player: choose one of torch.optim.ASGD"),
    ],
)
def test_what_is_refused_before_torch(composed: Composed, knob: str, message: str) -> None:
    config = composed("model=gan", knobs=[knob])
    with pytest.raises(UsageError) as raised:
        validate(config)
    assert message in str(raised.value)


@pytest.mark.parametrize("name", ["plugins", "callbacks", "logger", "default_root_dir", "enable_progress_bar"])
def test_what_a_run_gives_its_trainer_nobody_else_can(composed: Composed, name: str) -> None:
    config = composed("model=gan")
    config.trainer = {**config.trainer, name: []}
    with pytest.raises(UsageError, match=f"trainer.{name}="):
        validate(config)


@pytest.mark.parametrize("name", ["needs", "threads", "cache"])
def test_every_single_value_at_the_top_is_there(composed: Composed, name: str) -> None:
    config = composed("model=gan")
    plain = {key: config._get_node(key) for key in config if key != name}
    with pytest.raises(UsageError, match=f"{name} is missing: don't delete it"):
        validate(DictConfig(plain))


def test_an_option_that_is_not_there_of_a_group_that_need_not_have_one(composed: Composed) -> None:
    with pytest.raises(UsageError, match="recipe=gausians_vae: no such option, did you mean gaussians_vae?"):
        drop_unchosen(composed("model=gan"), ["recipe=gausians_vae"])
    drop_unchosen(composed("model=gan"), ["recipe=gaussians_vae"])
