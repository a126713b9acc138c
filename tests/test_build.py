"""The allowlist: a config from a stranger builds classes from known places and calls nothing else."""

import pickle
import pkgutil
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import torch
from omegaconf import OmegaConf
from torch import nn

import gan_lightning.build
from gan_lightning.build import build
from gan_lightning.errors import UsageError
from gan_lightning.losses import LeastSquares
from gan_lightning.models.gan import GAN
from gan_lightning.targets import targets

CONF = Path(__file__).resolve().parent.parent / "conf"

ELSEWHERE = [
    "os.system",
    "posix.system",
    "builtins.eval",
    "builtins.exec",
    "builtins.open",
    "builtins.__import__",
    "subprocess.Popen",
    "subprocess.check_output",
    "shutil.rmtree",
    "pickle.loads",
    "torch.load",
    "torch.hub.load",
    "torch.jit.load",
    "torch.utils.model_zoo.load_url",
    "numpy.load",
    "hydra.utils.get_method",
    "hydra.utils.call",
    "hydra.utils.instantiate",
    "functools.partial",
    "importlib.import_module",
    "operator.attrgetter",
    "lightning.pytorch.cli.LightningCLI",
    "lightning.LightningModule.load_from_checkpoint",
    "gan_lightning_evil.x",
    "gan_lightning",
    "torch.nnx.Linear",
    "torch",
    "lightning.TrainerEvil",
    "",
    ".",
    ".gan_lightning.losses.Hinge",
]
THROUGH_AN_ALLOWED_NAME = [
    "gan_lightning.launch.hydra.utils.call",
    "gan_lightning.launch.hydra.utils.get_method",
    "gan_lightning.launch.os.system",
    "gan_lightning.app.main",
    "gan_lightning.build.instantiate",
    "gan_lightning.build.build",
    "gan_lightning.build._locate",
    "gan_lightning.report.save_config",
    "gan_lightning.ranks.subprocess.Popen",
    "gan_lightning.train.prepare",
    "gan_lightning.train.torch.load",
    "gan_lightning.models.base.torch.hub.load",
    "gan_lightning.models.generative.LightningModule.load_from_checkpoint",
    "gan_lightning.models.gan.GAN.load_from_checkpoint",
    "gan_lightning.models.gan.GAN.__class__",
    "gan_lightning.models.gan.GAN.__subclasses__",
    "gan_lightning.networks.layers.partial",
    "torch.nn.modules.module.torch.load",
    "torch.nn.modules.module.functools.partial",
    "torch.nn.functional.importlib.import_module",
    "torch.optim.adam.torch.load",
    "torch.nn.init.normal_",
    "torch.nn.Module.load_state_dict",
    "lightning.Trainer.fit",
    "lightning.pytorch.callbacks.model_checkpoint.torch.load",
    "lightning.pytorch.callbacks.model_checkpoint.os.system",
    "lightning.pytorch.loggers.logger.functools.partial",
    "torchmetrics.metric.torch.load",
]
HOSTILE = [*ELSEWHERE, *THROUGH_AN_ALLOWED_NAME]


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What came as far as being instantiated."""
    nodes: list[Any] = []
    monkeypatch.setattr(gan_lightning.build, "instantiate", lambda node, *args, **kwargs: nodes.append(node))
    return nodes


@pytest.mark.parametrize("target", THROUGH_AN_ALLOWED_NAME)
def test_modules_do_show_what_they_import(target: str):
    """So that its refusal below is owed to where it is defined."""
    assert callable(pkgutil.resolve_name(target))


@pytest.mark.parametrize("target", HOSTILE)
def test_a_target_from_elsewhere_is_refused_and_not_called(target: str, called: list[Any]):
    with pytest.raises(UsageError):
        build({"_target_": target})
    assert called == []


@pytest.mark.parametrize("target", ["os.system", "torch.nn.modules.module.torch.load"])
@pytest.mark.parametrize(
    "place",
    [
        lambda node: {"model": node},
        lambda node: {"_args_": [node]},
        lambda node: {"layers": [{"_target_": "torch.nn.ReLU"}, [{"deep": [node]}]]},
        lambda node: {"settings": {"a": {"b": {"c": node}}}},
        lambda node: {"_recursive_": False, "factory": node},
    ],
)
def test_a_hostile_target_anywhere_inside_is_refused_and_nothing_is_called(target: str, place: Any, called: list[Any]):
    node = {"_target_": "torch.nn.Identity"} | place({"_target_": target, "_partial_": True})
    for form in (node, OmegaConf.create(node)):
        with pytest.raises(UsageError, match="is refused"):
            build(form)
    assert called == []


def test_a_target_hidden_behind_an_interpolation_is_refused(called: list[Any]):
    config = OmegaConf.create({"word": "os.system", "node": {"_target_": "${word}"}})
    with pytest.raises(UsageError, match="_target_=os.system is refused"):
        build(config.node)
    assert called == []


def test_finding_out_imports_nothing_from_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    proof = tmp_path / "proof"
    (tmp_path / "stranger.py").write_text(f"open({str(proof)!r}, 'w').close()\nclass Thing: pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UsageError, match="_target_=stranger.Thing is refused"):
        build({"_target_": "stranger.Thing"})
    assert not proof.exists()
    import_module("stranger")
    assert proof.exists()  # it works


class _Bomb:
    """Unpickling it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


@pytest.mark.parametrize(
    ("target", "argument"),
    [
        ("torch.load", "f"),
        ("torch.nn.modules.module.torch.load", "f"),
        ("gan_lightning.train.torch.load", "f"),
        ("gan_lightning.models.gan.GAN.load_from_checkpoint", "checkpoint_path"),
    ],
)
def test_a_pickle_is_not_opened(target: str, argument: str, tmp_path: Path):
    proof, bomb = tmp_path / "proof", tmp_path / "bomb.ckpt"
    bomb.write_bytes(pickle.dumps(_Bomb(proof)))
    pickle.loads(bomb.read_bytes())
    assert proof.exists()  # it works
    proof.unlink()
    with pytest.raises(UsageError, match="is refused"):
        build({"_target_": target, argument: str(bomb), "weights_only": False})
    assert not proof.exists()


@pytest.mark.parametrize("node", [None, 5, "text", [], {}, {"weight": 1.0}])
def test_what_names_no_class_is_refused(node: Any):
    with pytest.raises(UsageError, match="describes nothing that can be built: name its class as _target_"):
        build(node)


@pytest.mark.parametrize(
    "target", ["gan_lightning.losses.Hingee", "gan_lightning.lossses.Hinge", "torch.nn.Lineear", "torchmetrics..Metric"]
)
def test_a_mistyped_class_is_a_mistake_and_not_a_crash(target: str):
    with pytest.raises(UsageError, match=f"^can't build {target}: ") as raised:
        build({"_target_": target})
    assert "\n" not in str(raised.value)


def shipped_targets() -> set[str]:
    composed = [OmegaConf.load(path) for path in CONF.rglob("*.yaml")]
    plain = [OmegaConf.to_container(config, resolve=False) for config in composed]
    return {target for config in plain for target in targets(config)}


def test_every_shipped_target_is_allowed(called: list[Any]):
    shipped = shipped_targets()
    assert len(shipped) >= 40
    for target in shipped:
        build({"_target_": target})
    assert [node["_target_"] for node in called] == list(shipped)


@pytest.mark.parametrize(
    "target",
    [
        "torch.nn.Linear",
        "torch.optim.SGD",
        "torchmetrics.MeanMetric",
        "lightning.Trainer",
        "lightning.pytorch.callbacks.ModelCheckpoint",
        "lightning.pytorch.callbacks.EarlyStopping",
        "lightning.pytorch.loggers.CSVLogger",
        "lightning.pytorch.strategies.SingleDeviceStrategy",
        "lightning.pytorch.profilers.SimpleProfiler",
        "gan_lightning.losses.Hinge",
    ],
)
def test_each_allowed_place_can_be_built_from(target: str, called: list[Any]):
    build({"_target_": target})
    assert called == [{"_target_": target}]


def test_a_node_becomes_its_object():
    loss = build(OmegaConf.create({"_target_": "gan_lightning.losses.LeastSquares", "a": 0.0, "b": 1.0, "c": 0.5}))
    assert isinstance(loss, LeastSquares)
    assert (loss.a, loss.b, loss.c) == (0.0, 1.0, 0.5)


def test_further_arguments_are_passed_on():
    assert build({"_target_": "torch.nn.Linear", "out_features": 3}, in_features=2).weight.shape == (3, 2)
    assert build({"_target_": "torch.nn.Linear", "bias": False}, 4, 5).weight.shape == (5, 4)


def test_a_partial_node_becomes_a_factory_and_containers_are_plain():
    node = {"_target_": "torch.optim.Adam", "_partial_": True, "lr": 0.5, "betas": [0.0, 0.9]}
    factory = build(OmegaConf.create(node))
    assert isinstance(factory, partial)
    assert factory.func is torch.optim.Adam
    assert type(factory.keywords["betas"]) is list
    (group,) = factory([nn.Parameter(torch.zeros(1))]).param_groups
    assert (group["lr"], group["betas"]) == (0.5, (0.0, 0.9))


def test_a_setting_that_the_class_does_not_take_is_a_mistake_with_its_name():
    with pytest.raises(UsageError, match=r"^can't build gan_lightning\.penalties\.R1: .*'margin'"):
        build({"_target_": "gan_lightning.penalties.R1", "weight": 1.0, "margin": 1})


def test_a_missing_setting_is_a_mistake_with_its_name():
    with pytest.raises(UsageError, match=r"^can't build gan_lightning\.losses\.LeastSquares: .*'c'"):
        build({"_target_": "gan_lightning.losses.LeastSquares", "a": 0.0, "b": 1.0})


@pytest.mark.parametrize(
    "node",
    [
        {"_target_": "torch.nn.GroupNorm", "num_groups": 3, "num_channels": 4},
        {"_target_": "lightning.Trainer", "accelerator": "abacus"},
        {"_target_": "torch.nn.Sequential", "_args_": [5]},
    ],
)
def test_a_value_that_the_class_refuses_is_a_mistake(node: Any):
    with pytest.raises(UsageError, match=f"^can't build {node['_target_']}: "):
        build(node)


def test_a_usage_error_of_the_class_comes_through_as_it_is():
    ring = {"kind": "grid", "modes": 10, "radius": None, "sigma": None, "num_samples": 8}
    loading = {"batch_size": 4, "minibatches": 1, "seed": 0}
    with pytest.raises(UsageError, match=r"^data\.kind=grid needs a square number of modes"):
        build({"_target_": "gan_lightning.data.gaussians.Gaussians", **ring, **loading})


def test_an_error_that_is_nobodys_mistake_is_not_hidden(monkeypatch: pytest.MonkeyPatch):
    def broken(self: GAN, **settings: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(GAN, "__init__", broken)
    with pytest.raises(Exception, match="a bug") as raised:
        build({"_target_": "gan_lightning.models.gan.GAN"})
    assert not isinstance(raised.value, UsageError)


@pytest.mark.parametrize("flag", ["_partial_", "_recursive_"])
def test_a_wrong_value_of_hydras_own_keys_is_a_mistake(flag: str) -> None:
    with pytest.raises(UsageError, match="can't build gan_lightning.losses.Hinge"):
        build({"_target_": "gan_lightning.losses.Hinge", flag: 5.5})
