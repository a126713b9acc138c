"""Wrong values are refused by key, with what they must be; what is shipped passes."""

import copy
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig, OmegaConf

from gan_lightning.errors import UsageError
from gan_lightning.validation import RULES, Betas, Choice, Integer, Number, Text, drop_unchosen, validate
from gan_lightning.validation import Optional as OrNull

CONF = Path(__file__).resolve().parent.parent / "conf"


@cache
def _composed(overrides: tuple[str, ...]) -> DictConfig:
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("config", list(overrides))


def composed(*overrides: str, knobs: Sequence[str] = ()) -> DictConfig:
    """The config of a command line. `knobs` are set behind composing, which takes most of the time."""
    config = copy.deepcopy(_composed(("folder=/tmp/x", *overrides)))  # Hydra's own folder is there in a run alone
    for override in OverridesParser.create().parse_overrides(list(knobs)):
        OmegaConf.update(config, override.key_or_group, override.value())
    return config


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
    ("threads=0", f"{FROM_1}, or null"),
    ("threads=two", f"{FROM_1}, or null"),
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
    ("callbacks.evaluation.n=0", FROM_1),
    ("callbacks.checkpoint.keep=0", f"{FROM_1}, or null"),
    ("callbacks.progress.refresh_rate=0", FROM_1),
    ("callbacks.animation.milliseconds=0", FROM_1),
    ("callbacks.animation.max_frames=1", "must be a whole number, at least 2"),
    ("callbacks.animation.max_side=15", "must be a whole number, at least 16"),
    ("metrics.modes.sigmas=0", ABOVE_0),
    ("metrics.wasserstein.n=none", FROM_1),
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
    (["data=mnist"], "callbacks.samples.n=0", FROM_1),
]


@pytest.mark.parametrize(("override", "rule"), WRONG, ids=[override for override, _ in WRONG])
def test_a_wrong_value_is_refused_with_its_key_its_value_and_its_rule(override: str, rule: str):
    key, value = override.split("=", 1)
    with pytest.raises(UsageError) as raised:
        validate(composed(knobs=[override]))
    shown, _, told = str(raised.value).partition(": ")
    assert shown.partition("=")[0] == key
    assert told.startswith(rule)
    if not value.startswith(("'", "[", "-1e", "1e5")):
        assert shown.partition("=")[2] == value


@pytest.mark.parametrize(("choice", "override", "rule"), WRONG_ELSEWHERE, ids=[case[1] for case in WRONG_ELSEWHERE])
def test_a_wrong_value_of_a_choices_own_knob_is_refused(choice: list[str], override: str, rule: str):
    key, _, value = override.partition("=")
    with pytest.raises(UsageError) as raised:
        validate(composed(*choice, knobs=[f"{key}='{value}'" if " " in value else override]))
    assert str(raised.value).startswith(f"{key}=")
    assert f": {rule}" in str(raised.value)


RIGHT = [
    "seed=0",
    "every=1",
    "threads=1",
    "model.n_critic=100",
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
def test_a_value_at_the_edge_of_its_range_passes(override: str):
    validate(composed(knobs=[override]))


def shipped(group: str) -> list[str]:
    """The options of a group, as overrides."""
    names = sorted(path.stem for path in (CONF / group).glob("*.yaml"))
    return [f"{group}=[{name}]" if group == "penalty" else f"{group}={name}" for name in names]


GROUPS = ["experiment", "model", "data", "loss", "penalty", "network", "optimizer", "schedule", "trainer"]
SHIPPED = [option for group in [*GROUPS, "callbacks", "samples", "metrics", "logger"] for option in shipped(group)]


@pytest.mark.parametrize("option", SHIPPED)
def test_every_shipped_option_passes(option: str):
    needed = {
        "data=image_folder": ["data.root=pictures"],
        "callbacks=none": ["~callbacks.samples"],
        "penalty=[gradient]": ["model=gan"],
        "penalty=[dragan]": ["model=gan"],
        "penalty=[r2]": ["model=gan"],
    }
    validate(composed(option, *needed.get(option, [])))


def test_every_rule_is_of_a_knob_that_is_shipped():
    names: set[str] = set()

    def collect(node: object) -> None:
        if isinstance(node, dict):
            for name, value in node.items():
                names.add(name)
                collect(value)

    for path in CONF.rglob("*.yaml"):
        collect(OmegaConf.to_container(OmegaConf.load(path), resolve=False))
    assert set(RULES) <= names


def test_a_value_that_only_the_command_line_can_give_is_asked_for():
    with pytest.raises(UsageError, match=r"^data\.root has no default: add data\.root=VALUE$"):
        validate(composed("data=image_folder"))


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("sed", "sed: nothing reads this key, did you mean seed?"),
        ("modell", "modell: nothing reads this key, did you mean model?"),
        ("xyz", "xyz: nothing reads this key"),
    ],
)
def test_a_key_that_nothing_reads_is_refused_with_the_nearest(key: str, message: str):
    with pytest.raises(UsageError) as raised:
        validate(composed(f"+{key}=1"))
    assert str(raised.value) == message


def test_a_run_without_an_end_is_refused_and_either_end_will_do():
    with pytest.raises(UsageError, match=r"never end: set trainer\.max_steps \(iterations\) or trainer\.max_epochs"):
        validate(composed(knobs=["trainer.max_steps=-1"]))
    validate(composed(knobs=["trainer.max_steps=-1", "trainer.max_epochs=1"]))
    validate(composed(knobs=["trainer.max_steps=1"]))


def test_a_checkpoint_must_exist(tmp_path: Path):
    missing = tmp_path / "last.ckpt"
    with pytest.raises(UsageError, match=r"^ckpt_path=.*last\.ckpt: there is no such file$"):
        validate(composed(knobs=[f"ckpt_path={missing}"]))
    with pytest.raises(UsageError, match="there is no such file"):
        validate(composed(knobs=[f"ckpt_path={tmp_path}"]))  # a folder
    missing.touch()
    validate(composed(knobs=[f"ckpt_path={missing}"]))


@pytest.mark.parametrize(
    ("overrides", "fragment"),
    [
        (["model=wgan_gp", "network.discriminator.norm=batch"], "network.discriminator.norm=layer"),
        (["model=dragan", "network.discriminator.norm=batch"], "network.discriminator.norm=layer"),
        (["model=wgan", "penalty=[r2]"], "use model=wgan_gp"),
        (["model=wgan", "loss=minimax"], "set loss=wasserstein"),
    ],
)
def test_a_combination_that_cannot_be_right_is_refused(overrides: list[str], fragment: str):
    with pytest.raises(UsageError, match=fragment):
        validate(composed(*overrides))


# ---- the rules themselves --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "accepted", "refused"),
    [
        (Number(), [0, -1.5, 1e300], [True, None, "1", float("nan"), float("inf"), [1]]),
        (Number(above=0), [1e-300], [0, -1]),
        (Number(least=0), [0, 0.0], [-1e-9]),
        (Number(below=1), [0.999], [1, 1.0]),
        (Number(most=1), [1, 1.0], [1.001]),
        (Integer(2), [2, 10**9], [1, 2.0, True, "2", None]),
        (Choice((True, False)), [True, False], [1, 0, "true", None]),
        (Choice((1, 3)), [1, 3], [True, 1.0, 2, "1"]),
        (Choice(("a", "b")), ["a"], ["c", "A", None]),
        (Text(), ["x"], ["", 5, None, True]),
        (Betas(), [[0.0, 0.999]], [[0.5], [0.1, 0.2, 0.3], [0.5, 1.0], [-0.1, 0.5], [0, 0.9], 0.5, "0.5", None]),
        (OrNull(Integer(1)), [None, 1], [0, "null"]),
    ],
    ids=str,
)
def test_a_rule_accepts_its_range_and_nothing_else(rule: object, accepted: list[object], refused: list[object]):
    assert [rule.accepts(value) for value in accepted] == [True] * len(accepted)
    assert [rule.accepts(value) for value in refused] == [False] * len(refused)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Number(above=0, most=1), "a number above 0 and at most 1"),
        (Number(least=0, below=1), "a number at least 0 and below 1"),
        (Integer(-1), "a whole number, at least -1"),
        (Choice((True, False)), "one of true, false"),
        (Betas(), "a list of two numbers, at least 0 and below 1, each with a point, as in [0.0,0.9]"),
        (OrNull(Text()), "text, or null"),
    ],
)
def test_a_rule_says_itself_in_words(rule: object, words: str):
    assert str(rule) == words


@pytest.mark.parametrize("model", ["r1gan", "wgan_gp"])
@pytest.mark.parametrize("penalty", ["[]", "[r2]", "[dragan,r2]"])
def test_a_penalty_that_a_recipe_tunes_but_nobody_chose_is_dropped(model: str, penalty: str) -> None:
    config = composed(f"model={model}", f"penalty={penalty}")
    drop_unchosen(config)
    validate(config)
    assert list(config.penalty) == [name for name in penalty.strip("[]").split(",") if name]


@pytest.mark.parametrize(
    ("knob", "fragment"), [("trainer.devices=2", "add trainer=ddp"), ("seed=99999999999", "at most 4294967295")]
)
def test_what_would_fail_deep_inside_is_refused(knob: str, fragment: str) -> None:
    with pytest.raises(UsageError, match=fragment):
        validate(composed(knobs=[knob]))
