"""What can't run is refused before anything is imported or written; what is shipped passes."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from omegaconf import DictConfig

from gan_lightning.errors import UsageError
from gan_lightning.schema import CONF
from gan_lightning.validation import drop_unchosen, validate

Composed = Callable[..., DictConfig]


def shipped(group: str) -> list[str]:
    """The options of a group, as overrides."""
    names = sorted(path.stem for path in (CONF / group).glob("*.yaml"))
    return [f"{group}=[{name}]" if group in ("penalty", "metrics") else f"{group}={name}" for name in names]


GROUPS = ["experiment", "model", "data", "loss", "penalty", "network", "optimizer", "schedule", "trainer"]
SHIPPED = [option for group in [*GROUPS, "callbacks", "samples", "metrics", "logger"] for option in shipped(group)]


OF_IMAGES = ("fid", "kid", "inception_score", "inception_manifold", "fd_classifier", "kd_classifier")
OF_IMAGES += ("classifier_score", "classifier_manifold", "label_histogram", "agreement", "memorisation")
OF_IMAGES += ("purity", "recognition")
NEEDS = {path.stem: yaml.safe_load(path.read_text()).get("needs", []) for path in (CONF / "model").glob("*.yaml")}
DATA = {"labels": "data=mnist", "pairs": "data=unpaired_gaussians"}


@pytest.mark.parametrize("option", SHIPPED)
def test_every_shipped_option_passes(option: str, composed: Composed, picture_folder: Path):
    needed = {
        "data=image_folder": [f"data.root={picture_folder}"],
        "network=linear": ["data=linear_gaussian"],
        "network=dcgan": ["data=mnist"],
        "network=infogan": ["data=mnist"],
        "network=resnet": ["data=mnist"],
        "samples=grid": ["data=mnist"],
        "metrics=[moments]": ["data=linear_gaussian"],
        "metrics=[stacked_modes]": ["data=stacked_mnist"],
        **{f"metrics=[{name}]": ["data=mnist"] for name in OF_IMAGES},
        "callbacks=none": ["~callbacks.samples"],
        "penalty=[gradient]": ["model=gan"],
        **{f"model={name}": [DATA[needs[0]]] for name, needs in NEEDS.items() if needs},
        **{f"data=unpaired_{name}": ["model=cyclegan"] for name in ("gaussians", "mnist")},
        "data=unpaired_folders": [
            *("model=cyclegan", f"data.source_root={picture_folder}", f"data.target_root={picture_folder.parent}")
        ],
        "network=translator": ["model=cyclegan", "data=unpaired_mnist"],
        "network=point_translator": ["model=cyclegan", "data=unpaired_gaussians"],
        "metrics=[translation]": ["model=cyclegan", "data=unpaired_gaussians"],
        "penalty=[dragan]": ["model=gan"],
        "penalty=[r2]": ["model=gan"],
    }
    config = composed(option, *needed.get(option, []))
    drop_unchosen(config)
    validate(config)


def test_a_value_that_only_the_command_line_can_give_is_asked_for(composed: Composed):
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
def test_a_key_that_nothing_reads_is_refused_with_the_nearest(key: str, message: str, composed: Composed):
    with pytest.raises(UsageError) as raised:
        validate(composed(f"+{key}=1"))
    assert str(raised.value) == message


def test_a_run_without_an_end_is_refused_and_either_end_will_do(composed: Composed):
    with pytest.raises(UsageError, match=r"never end: set trainer\.max_steps \(iterations\) or trainer\.max_epochs"):
        validate(composed(knobs=["trainer.max_steps=-1"]))
    validate(composed(knobs=["trainer.max_steps=-1", "trainer.max_epochs=1"]))
    validate(composed(knobs=["trainer.max_steps=1"]))


def test_a_checkpoint_must_exist(tmp_path: Path, composed: Composed):
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
        (["model=vae", "loss=hinge"], "no place for the loss Hinge: leave loss=... out"),
        (["model=vae", "penalty=[r1,r2]"], r"leave penalty=\[r1,r2\] out"),
        (["model=began", "loss=margin"], "no place for the loss Margin: leave loss=... out"),
        (["model=gan", "model.loss=null"], "no place for the loss NonSaturating: leave loss=... out"),
        (["model=gan", "~loss"], "loss describes nothing: choose one of loss="),
    ],
)
def test_a_combination_that_cannot_be_right_is_refused(overrides: list[str], fragment: str, composed: Composed):
    with pytest.raises(UsageError, match=fragment):
        validate(composed(*overrides))


@pytest.mark.parametrize("model", ["r1gan", "wgan_gp"])
@pytest.mark.parametrize("penalty", ["[]", "[r2]", "[dragan,r2]"])
def test_a_penalty_that_a_recipe_tunes_but_nobody_chose_is_dropped(
    model: str, penalty: str, composed: Composed
) -> None:
    config = composed(f"model={model}", f"penalty={penalty}")
    drop_unchosen(config)
    validate(config)
    assert list(config.penalty) == [name for name in penalty.strip("[]").split(",") if name]


@pytest.mark.parametrize(
    ("overrides", "asked", "message"),
    [
        (
            ["model=wgan_gp", "penalty=[]"],
            "penalty.gradient.weight=5",
            "penalty.gradient has settings, but is not chosen: add penalty=[gradient]",
        ),
        (
            ["model=wgan_gp", "optimizer=rmsprop"],
            "optimizer.generator.betas=[0.5,0.9]",
            "optimizer.generator.betas: torch.optim.RMSprop takes no such setting: remove it",
        ),
    ],
)
def test_what_is_dropped_must_not_have_been_asked_for(
    overrides: list[str], asked: str, message: str, composed: Composed
):
    with pytest.raises(UsageError) as raised:
        drop_unchosen(composed(*overrides), [asked])
    assert str(raised.value) == message
    drop_unchosen(composed(*overrides), ["seed=1"])


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("seed=${nothing}", "seed=${nothing} can't be resolved: Interpolation key 'nothing' not found"),
        ("every=${data.evry}", "every=${data.evry} can't be resolved: Interpolation key 'data.evry' not found"),
    ],
)
def test_a_reference_to_nothing_is_refused(override: str, message: str, composed: Composed):
    with pytest.raises(UsageError) as raised:
        validate(composed(override))
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("overrides", "knobs", "fragment"),
    [
        (["data=gaussians"], ["data.kind=grid", "data.modes=24"], "square number of modes"),
        (["data=linear_gaussian"], ["data.offset=[1.0]"], "data.offset has 1 entries"),
        (["network=dcgan", "model=gan"], [], "network=dcgan makes images, but the data has shape (2,)"),
        (["data=mnist"], ["data.size=30"], "resize the data to 28 or 32 px"),
        (["samples=grid"], [], "use samples=scatter"),
        (["data=cifar10", "metrics=[modes]"], [], "set metrics=[fd_classifier]"),
        (["metrics=[fd_classifier]"], [], "set metrics=[modes,wasserstein]"),
        (["model=dcgan"], ["data.batch_size=1"], "norm=batch has no moments over data.batch_size=1"),
    ],
)
def test_parts_that_do_not_fit_each_other_are_refused(
    overrides: list[str], knobs: list[str], fragment: str, composed: Composed
):
    with pytest.raises(UsageError) as raised:
        validate(composed(*overrides, knobs=knobs))
    assert fragment in str(raised.value)


@pytest.mark.parametrize("devices", ["2", "-1", "auto", "[0,1]"])
def test_several_processes_are_named_in_any_of_lightnings_ways(devices: str, composed: Composed):
    validate(composed("trainer=ddp", knobs=[f"trainer.devices={devices}"]))


@pytest.mark.parametrize("devices", ["0", "-2", "two", "null", "1.5"])
def test_another_number_of_processes_is_refused(devices: str, composed: Composed):
    with pytest.raises(UsageError, match=f"^trainer.devices={devices}: must be a whole number, at least 1$"):
        validate(composed("trainer=ddp", knobs=[f"trainer.devices={devices}"]))


@pytest.mark.parametrize(
    ("knob", "fragment"), [("trainer.devices=2", "add trainer=ddp"), ("seed=99999999999", "at most 4294967295")]
)
def test_what_would_fail_deep_inside_is_refused(knob: str, fragment: str, composed: Composed) -> None:
    with pytest.raises(UsageError, match=fragment):
        validate(composed(knobs=[knob]))
