"""Every shipped config composes, builds and takes a step; every knob has one owner."""

import inspect
import re
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from hydra import compose, initialize_config_dir
from hydra.utils import get_class
from lightning import LightningModule
from omegaconf import OmegaConf

from gan_lightning.build import build
from gan_lightning.data.loader import Batch
from gan_lightning.knobs import RULES
from gan_lightning.schema import CONF
from gan_lightning.validation import drop_unchosen, validate

QUIET = ["folder=unused", "callbacks=none", "~callbacks.samples", "logger=none"]
MODELS = sorted(path.stem for path in (CONF / "model").glob("*.yaml"))
NEEDS = {model: yaml.safe_load((CONF / "model" / f"{model}.yaml").read_text()).get("needs", []) for model in MODELS}
CONTENT = [model for model in MODELS if not NEEDS[model]]  # with any data
OF_IMAGES = [model for model in MODELS if NEEDS[model] in ([], ["labels"])]
IMAGES = {"mnist": (1, 28, 28), "cifar10": (3, 32, 32)}


def options(group: str) -> list[str]:
    return sorted(path.stem for path in (CONF / group).glob("*.yaml"))


def composed(*overrides: str) -> Any:
    with initialize_config_dir(str(CONF), version_base="1.3"):
        config = compose("config", [*QUIET, *overrides])
    drop_unchosen(config)
    return config


def take_a_step(config: Any, shape: tuple[int, ...], num_classes: int = 0) -> None:
    """Both players' losses on one small batch, their gradients and one step of each optimizer."""
    torch.manual_seed(0)
    model = build(config.model, shape=shape, num_classes=num_classes)
    source = torch.rand(4, *shape) * 2 - 1 if "pairs" in config.needs else None
    batch = Batch(torch.rand(4, *shape) * 2 - 1, torch.arange(4) if num_classes else None, source)
    for player, loss in (("discriminator", model.discriminator_loss), ("generator", model.generator_loss)):
        parameters = model.parameters_of[player]
        before = [parameter.detach().clone() for parameter in parameters]
        loss(batch).backward()
        model.optimizer_factories[player](parameters).step()
        assert any(not torch.equal(old, new) for old, new in zip(before, parameters, strict=True))
        assert all(torch.isfinite(parameter).all() for parameter in parameters)


@pytest.mark.parametrize("model", CONTENT)
def test_every_variant_takes_a_step_on_points(model: str) -> None:
    config = composed(f"model={model}", "network.generator.width=8", "network.discriminator.width=8")
    validate(config)
    take_a_step(config, (2,))


@pytest.mark.parametrize("data", IMAGES)
@pytest.mark.parametrize("model", OF_IMAGES)
def test_every_variant_takes_a_step_on_images(model: str, data: str) -> None:
    config = composed(f"model={model}", f"data={data}", "network.generator.width=8", "network.discriminator.width=8")
    validate(config)
    take_a_step(config, IMAGES[data], num_classes=10)


@pytest.mark.parametrize(("data", "shape"), [("unpaired_gaussians", (2,)), ("unpaired_mnist", (3, 28, 28))])
@pytest.mark.parametrize("model", [model for model in MODELS if NEEDS[model] == ["pairs"]])
def test_every_variant_of_two_domains_takes_a_step(model: str, data: str, shape: tuple[int, ...]) -> None:
    config = composed(f"model={model}", f"data={data}", "network.generator.width=8", "network.discriminator.width=8")
    validate(config)
    take_a_step(config, shape)


@pytest.mark.parametrize("loss", options("loss"))
@pytest.mark.parametrize("model", ["sngan", "r1gan"])
def test_every_loss_goes_with_a_model(model: str, loss: str) -> None:
    take_a_step(composed(f"model={model}", f"loss={loss}"), (2,))


@pytest.mark.parametrize(
    "penalties", ["[]", "[r1]", "[r2]", "[gradient]", "[dragan]", "[r1,r2]", "[r1,gradient,dragan]"]
)
def test_penalties_combine(penalties: str) -> None:
    config = composed("model=gan", f"penalty={penalties}")
    assert list(config.penalty) == [name for name in penalties.strip("[]").split(",") if name]
    take_a_step(config, (2,))


@pytest.mark.parametrize("network", options("network"))
def test_every_network_family_takes_a_step(network: str) -> None:
    shape = (2,) if network in ("mlp", "linear", "point_translator") else (3, 32, 32)
    width = [] if network == "linear" else ["network.generator.width=8", "network.discriminator.width=8"]
    model = "cyclegan" if "translator" in network else "gan"
    take_a_step(composed(f"model={model}", f"network={network}", *width), shape)


@pytest.mark.parametrize("optimizer", options("optimizer"))
@pytest.mark.parametrize("schedule", options("schedule"))
def test_every_optimizer_and_schedule_builds(optimizer: str, schedule: str) -> None:
    config = composed("model=gan", f"optimizer={optimizer}", f"schedule={schedule}")
    take_a_step(config, (2,))
    assert 0 <= build(config.schedule)(0.5) <= 1


@pytest.mark.parametrize("data", options("data"))
@pytest.mark.parametrize("trainer", options("trainer"))
def test_every_data_source_and_trainer_composes(data: str, trainer: str, picture_folder: Path) -> None:
    roots = {
        "image_folder": [f"data.root={picture_folder}"],
        "unpaired_folders": [f"data.source_root={picture_folder}", f"data.target_root={picture_folder.parent}"],
    }
    model = ["model=cyclegan"] if data.startswith("unpaired") else []
    validate(composed(f"data={data}", f"trainer={trainer}", *model, *roots.get(data, [])))


@pytest.mark.parametrize("experiment", options("experiment"))
def test_every_experiment_composes_and_opens_with_its_command(experiment: str) -> None:
    validate(composed(f"experiment={experiment}"))
    opening = (CONF / "experiment" / f"{experiment}.yaml").read_text().splitlines()[1]
    assert opening.startswith("# python -m gan_lightning") and f"experiment={experiment}" in opening


def test_the_command_line_wins_over_the_recipe_the_recipe_over_the_model_and_the_model_over_the_data() -> None:
    assert composed("model=gan").optimizer.generator.lr == 2e-3  # the data's
    assert composed("model=wgan", "data=mnist").optimizer.generator.lr == 5e-5  # the model's
    assert composed("model=r1gan").penalty.r1.weight == composed("model=r1gan", "data.kind=grid").penalty.r1.weight
    assert composed("model=r1gan").penalty.r1.weight < composed("model=r1gan", "data=mnist").penalty.r1.weight == 5.0
    assert composed("model=r1gan", "penalty.r1.weight=3").penalty.r1.weight == 3
    both = composed("model=wgan_gp", "loss=hinge", "penalty=[r1,r2]", "penalty.r1.weight=1")
    assert (both.loss._target_, both.penalty.r1.weight, both.penalty.r2.weight) == ("gan_lightning.losses.Hinge", 1, 5)


def nodes(value: Any) -> Any:
    """Every mapping with a `_target_` in a YAML tree."""
    if isinstance(value, dict):
        if "_target_" in value:
            yield value
        for child in value.values():
            yield from nodes(child)


def our_nodes() -> Any:
    for path in sorted(CONF.rglob("*.yaml")):
        for node in nodes(yaml.safe_load(path.read_text())):
            if node["_target_"].startswith("gan_lightning.") and "app." not in node["_target_"]:
                yield pytest.param(node, id=f"{path.parent.name}/{path.stem}:{node['_target_'].split('.')[-1]}")


@pytest.mark.parametrize("node", list(our_nodes()))
def test_no_knob_has_two_owners(node: dict[str, Any]) -> None:
    """What a YAML file sets has no default in Python."""
    target = get_class(node["_target_"])
    for ancestor in inspect.getmro(target):
        if ancestor is not LightningModule and ancestor.__module__.startswith("gan_lightning."):
            for name, parameter in inspect.signature(ancestor.__init__).parameters.items():
                assert parameter.default is inspect.Parameter.empty, f"{ancestor.__name__}.{name} has a second owner"


def test_every_number_that_a_config_sets_has_a_range() -> None:
    unchecked = set()
    paths = [path for path in CONF.rglob("*.yaml") if "hydra" not in path.parts]  # a launcher checks its own
    for path in paths:
        for name, value in re.findall(r"^\s*'?(\w+)'?: ([-\d.e]+)\s*(?:#.*)?$", path.read_text(), re.MULTILINE):
            if name not in RULES and value:
                unchecked.add(name)
    assert unchecked <= {"devices", "num_sanity_val_steps"}  # devices may also be a list or "auto": Lightning checks it


def test_a_composed_config_survives_being_saved(tmp_path: Path) -> None:
    config = composed()
    path = tmp_path / "config.yaml"
    path.write_text(OmegaConf.to_yaml(config, resolve=True))
    again = OmegaConf.load(path)
    assert OmegaConf.to_container(again) == OmegaConf.to_container(config, resolve=True)


@pytest.mark.parametrize("optimizer", options("optimizer"))
@pytest.mark.parametrize("model", CONTENT)
def test_every_model_goes_with_every_optimizer(model: str, optimizer: str) -> None:
    config = composed(f"model={model}", f"optimizer={optimizer}")
    validate(config)
    take_a_step(config, (2,))


@pytest.mark.parametrize("model", CONTENT)
def test_every_model_plays_on_linear_gaussian_data(model: str) -> None:
    config = composed(f"model={model}", "data=linear_gaussian")
    validate(config)
    take_a_step(config, (2,))
