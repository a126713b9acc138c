"""Wrong values are refused by key, with what they must be."""

import inspect
from collections.abc import Callable
from datetime import timedelta

import pytest
from lightning import Trainer
from omegaconf import DictConfig, OmegaConf

from gan_lightning.errors import UsageError
from gan_lightning.knobs import ADDED, DURATION, RULES
from gan_lightning.schema import CONF
from gan_lightning.validation import validate

Composed = Callable[..., DictConfig]

ABOVE_0 = "must be a number above 0"
AT_LEAST_0 = "must be a number at least 0"
SHARE = "must be a number at least 0 and below 1"
FROM_1 = "must be a whole number, at least 1"
TWO = "must be a list of two numbers, at least 0 and below 1"
FLAG = "must be one of true, false"

WRONG = [  # an override, and what its refusal says behind the key and the value
    ("seed=-1", "must be a whole number, at least 0"),
    ("seed=1.5", "must be a whole number, at least 0"),
    ("seed=true", "must be a whole number, at least 0"),
    ("seed=null", "must be a whole number, at least 0"),
    ("every=0", FROM_1),
    ("every=often", FROM_1),
    ("threads=0", f"{FROM_1} and at most 1024, or null"),
    ("threads=two", f"{FROM_1} and at most 1024, or null"),
    ("ckpt_path=5", "must be text, or null"),
    ("ckpt_path=''", "must be text, or null"),
    ("folder=''", "must be text"),
    ("model.n_critic=0", FROM_1),
    ("model.n_critic=2.5", FROM_1),
    ("model.n_critic=five", FROM_1),
    ("model.ema=1", SHARE),
    ("model.ema=-0.1", SHARE),
    ("model.ema=true", SHARE),
    ("model.ema=null", SHARE),
    ("model.max_grad_norm=0", f"{ABOVE_0}, or null"),
    ("model.max_grad_norm=-1", f"{ABOVE_0}, or null"),
    ("optimizer.generator.lr=0", ABOVE_0),
    ("optimizer.generator.lr=fast", ABOVE_0),
    ("optimizer.generator.lr=-1e-4", ABOVE_0),
    ("optimizer.discriminator.lr=nan", ABOVE_0),
    ("optimizer.discriminator.lr=inf", ABOVE_0),
    ("optimizer.generator.betas=[0.5,1]", TWO),
    ("optimizer.generator.betas=[0.5]", TWO),
    ("optimizer.generator.betas=[0.5,0.9,0.99]", TWO),
    ("optimizer.generator.betas=[0,0.9]", f"{TWO}, each with a point, as in [0.0,0.9]"),
    ("optimizer.generator.betas=0.9", TWO),
    ("optimizer.generator.fused=maybe", FLAG),
    ("optimizer.generator.fused=1", FLAG),
    ("penalty.r1.weight=-1", AT_LEAST_0),
    ("penalty.r1.weight=heavy", AT_LEAST_0),
    ("schedule.start=1", SHARE),
    ("schedule.final=1.01", "must be a number at least 0 and at most 1"),
    ("network.generator.latent_dim=0", FROM_1),
    ("network.generator.width=64.0", FROM_1),
    ("network.discriminator.depth=-1", FROM_1),
    ("network.generator.activation=rely", "must be one of relu, leaky_relu, elu, tanh, silu, gelu"),
    ("network.discriminator.norm=bach", "must be one of batch, instance, layer, group, spectral, none"),
    ("network.discriminator.norm=null", "must be one of batch, instance, layer, group, spectral, none"),
    ("data.kind=rings", "must be one of ring, grid, random, swiss_roll"),
    ("data.modes=0", f"{FROM_1}, or null"),
    ("data.radius=-1", f"{ABOVE_0}, or null"),
    ("data.sigma=0", f"{ABOVE_0}, or null"),
    ("data.num_samples=0", FROM_1),
    ("data.num_samples=1e5", FROM_1),
    ("data.batch_size=0", FROM_1),
    ("data.minibatches=0", FROM_1),
    ("callbacks.evaluation.interval_n=1", "must be a whole number, at least 2 and at most 1000000000, or null"),
    ("callbacks.evaluation.repeats=0", FROM_1),
    ("callbacks.checkpoint.best_mode=least", "must be one of min, max"),
    ("metrics.modes.n=1", "must be a whole number, at least 2"),
    ("callbacks.checkpoint.keep=0", f"{FROM_1}, or null"),
    ("callbacks.progress.refresh_rate=0", FROM_1),
    ("callbacks.animation.milliseconds=0", FROM_1),
    ("callbacks.animation.max_frames=1", "must be a whole number, at least 2"),
    ("callbacks.animation.max_side=15", "must be a whole number, at least 16"),
    ("metrics.modes.sigmas=0", ABOVE_0),
    ("metrics.wasserstein.n=none", "must be a whole number, at least 2"),
    ("trainer.max_steps=-2", "must be a whole number, at least -1"),
    ("trainer.max_steps=many", "must be a whole number, at least -1"),
    ("trainer.max_epochs=1.5", "must be a whole number, at least -1"),
    ("trainer.log_every_n_steps=0", FROM_1),
    ("trainer.num_nodes=0", FROM_1),
    ("trainer.precision=16-mixed", "must be one of 32-true"),
    ("trainer.precision=32", "must be one of 32-true"),
    ("trainer.accelerator=tpu", "must be one of auto, cpu, gpu, cuda, mps"),
]

WRONG_ELSEWHERE = [  # the same with a choice that has the key
    (["model=wgan"], "model.clip=0", ABOVE_0),
    (["model=pacgan"], "model.pack=0", FROM_1),
    (["model=unrolled"], "model.unrolling=-1", "must be a whole number, at least 0"),
    (["model=unrolled"], "model.unrolling_lr=0", ABOVE_0),
    (["model=mmdgan"], "model.features=1", "must be a whole number, at least 2"),
    (["model=wgan_gp"], "penalty.gradient.target=-1", AT_LEAST_0),
    (["model=wgan_gp"], "penalty.gradient.one_sided=both", FLAG),
    (["model=dragan"], "penalty.dragan.noise=-0.5", AT_LEAST_0),
    (["model=gan", "loss=least_squares"], "loss.a=low", "must be a number"),
    (["model=gan", "loss=least_squares"], "loss.c=inf", "must be a number"),
    (["optimizer=rmsprop", "model=gan"], "optimizer.generator.alpha=1", SHARE),
    (["data=mnist"], "data.download=yes please", FLAG),
    (["data=mnist"], "data.size=0", FROM_1),
    (["data=mnist"], "data.root=7", "must be text"),
    (["data=cifar10"], "data.flip=left", FLAG),
    (["data=image_folder", "data.root=x"], "data.channels=2", "must be one of 1, 3"),
    (["data=image_folder", "data.root=x"], "data.cache=''", "must be text"),
    (["data=mnist"], "callbacks.samples.n=0", "must be a whole number, at least 2"),
    (["data=linear_gaussian"], "data.matrix=2", "must be a list of rows of numbers"),
    (["data=linear_gaussian"], "data.matrix=[[a,1],[2,3]]", "must be a list of rows of numbers"),
    (["data=linear_gaussian"], "data.offset=[x]", "must be a list of numbers"),
]


@pytest.mark.parametrize(("override", "rule"), WRONG, ids=[override for override, _ in WRONG])
def test_a_wrong_value_is_refused_with_its_key_its_value_and_its_rule(override: str, rule: str, composed: Composed):
    key, value = override.split("=", 1)
    with pytest.raises(UsageError) as raised:
        validate(composed(knobs=[override]))
    shown, _, told = str(raised.value).partition(": ")
    assert shown.partition("=")[0] == key
    assert told.startswith(rule)
    if not value.startswith(("'", "[", "-1e", "1e5")):
        assert shown.partition("=")[2] == value


@pytest.mark.parametrize(("choice", "override", "rule"), WRONG_ELSEWHERE, ids=[case[1] for case in WRONG_ELSEWHERE])
def test_a_wrong_value_of_a_choices_own_knob_is_refused(
    choice: list[str], override: str, rule: str, composed: Composed
):
    key, _, value = override.partition("=")
    with pytest.raises(UsageError) as raised:
        validate(composed(*choice, knobs=[f"{key}='{value}'" if " " in value else override]))
    assert str(raised.value).startswith(f"{key}=")
    assert f": {rule}" in str(raised.value)


RIGHT = [
    "seed=0",
    "every=1",
    "threads=1",
    "model.n_critic=97",
    "model.ema=0",
    "model.ema=0.9999",
    "model.max_grad_norm=0.5",
    "model.max_grad_norm=null",
    "optimizer.generator.lr=1",
    "optimizer.generator.lr=1e-30",
    "optimizer.generator.betas=[0.0,0.0]",
    "optimizer.generator.fused=false",
    "penalty.r1.weight=0",
    "schedule.start=0.99",
    "schedule.final=1",
    "network.generator.width=1",
    "network.discriminator.norm=group",
    "data.kind=grid",
    "data.modes=4",
    "data.radius=2",
    "data.sigma=0.5",
    "callbacks.checkpoint.keep=1",
    "callbacks.animation.max_frames=2",
    "trainer.max_epochs=3",
    "trainer.precision=bf16-mixed",
    "trainer.accelerator=cpu",
]


@pytest.mark.parametrize("override", RIGHT)
def test_a_value_at_the_edge_of_its_range_passes(override: str, composed: Composed):
    validate(composed(knobs=[override]))


def test_every_rule_is_of_a_knob_that_is_shipped():
    names: set[str] = set()

    def collect(node: object) -> None:
        if isinstance(node, dict):
            for name, value in node.items():
                names.add(name)
                collect(value)

    for path in CONF.rglob("*.yaml"):
        collect(OmegaConf.to_container(OmegaConf.load(path), resolve=False))
    assert set(RULES) - set(ADDED) - set(DURATION) <= names


def test_every_other_rule_is_of_what_lightnings_trainer_takes():
    assert set(ADDED) <= set(inspect.signature(Trainer.__init__).parameters)
    assert timedelta(**dict.fromkeys(DURATION, 1)) > timedelta()
