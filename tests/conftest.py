"""Small real games for every test that needs one, MLPs of width 8 on the ring's points; and composed configs."""

import copy
import gc
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hydra import compose, initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser
from lightning import Callback, Trainer
from lightning.pytorch.callbacks import LambdaCallback
from lightning.pytorch.loggers import Logger
from omegaconf import DictConfig, OmegaConf, open_dict
from PIL import Image
from torch import Tensor

from gan_lightning.checkpoint_io import SafeCheckpointIO
from gan_lightning.composing import check_all_compositions
from gan_lightning.data.base import MemoryData
from gan_lightning.data.gaussians import Gaussians
from gan_lightning.losses import Loss, NonSaturating
from gan_lightning.models.base import AdversarialModule
from gan_lightning.models.gan import GAN
from gan_lightning.networks import mlp
from gan_lightning.penalties import Penalty
from gan_lightning.schedules import Constant, Schedule
from gan_lightning.schema import CONF
from gan_lightning.speed import Speed
from gan_lightning.train import fit as train
from gan_lightning.train import prepare

OptimizerFactory = Callable[..., torch.optim.Optimizer]
ADAM: OptimizerFactory = partial(torch.optim.Adam, lr=1e-2)
PLAIN = Speed(one_pass=True, channels_last=False, im2col=False, share_fakes=False, compile=False)

gc.disable()  # nothing of what is collected is garbage
check_all_compositions()  # as the program composes
torch.set_num_threads(1)  # test processes share the cores
for library in ("lightning.pytorch", "lightning.fabric"):
    logging.getLogger(library).setLevel(logging.WARNING)


def pytest_collection_finish() -> None:
    """What is there before the first test stays: it isn't searched for garbage again."""
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_unconfigure() -> None:
    """At the end it is freed as ever; some libraries look."""
    gc.unfreeze()


def make_game(
    model: type[AdversarialModule] = GAN,
    loss: Loss | None = None,
    penalties: Mapping[str, Penalty] | None = None,
    optimizer: OptimizerFactory = ADAM,
    optimizers: Mapping[str, OptimizerFactory] | None = None,
    schedule: Schedule | None = None,
    n_critic: int = 1,
    ema: float = 0.9,
    max_grad_norm: float | None = None,
    seed: int = 0,
    speed: Speed = PLAIN,
    generator_norm: str = "none",
    discriminator_norm: str = "none",
    **own: Any,
) -> AdversarialModule:
    """A game whose initial weights depend on `seed` alone; `optimizer` is both players', `optimizers` a player's."""
    layers = {"width": 8, "depth": 1, "activation": "relu"}
    torch.manual_seed(seed)
    return model(
        shape=(2,),
        num_classes=0,
        generator=partial(mlp.Generator, latent_dim=2, norm=generator_norm, **layers),
        discriminator=partial(mlp.Discriminator, norm=discriminator_norm, **layers),
        loss=loss or (None if model.own_objectives else NonSaturating()),
        penalties=penalties or {},
        optimizers=optimizers or {"generator": optimizer, "discriminator": optimizer},
        schedule=schedule or Constant(),
        n_critic=n_critic,
        ema=ema,
        max_grad_norm=max_grad_norm,
        seed=seed,
        speed=speed,
        **own,
    )


def make_points(num_samples: int = 64, batch_size: int = 4, minibatches: int = 1, seed: int = 0) -> Gaussians:
    """A few points of the ring."""
    return Gaussians("ring", None, None, None, num_samples, batch_size=batch_size, minibatches=minibatches, seed=seed)


@pytest.fixture
def small_game() -> Callable[..., AdversarialModule]:
    """`make_game`, a factory of small games."""
    return make_game


@pytest.fixture
def points() -> Callable[..., Gaussians]:
    """`make_points`, a factory of small sets."""
    return make_points


@pytest.fixture
def fit(tmp_path: Path) -> Callable[..., Trainer]:
    """Trains a game for `steps` iterations on the CPU; the finished trainer comes back."""

    def run(
        game: AdversarialModule,
        steps: int = 6,
        data: MemoryData | None = None,
        callbacks: Sequence[Callback] = (),
        loggers: Sequence[Logger] = (),
        log_every: int = 1,
        ckpt_path: Path | None = None,
        **settings: Any,
    ) -> Trainer:
        trainer = Trainer(
            **{
                "accelerator": "cpu",
                "devices": 1,
                "max_steps": steps,
                "max_epochs": -1,
                "log_every_n_steps": log_every,
                "callbacks": list(callbacks),
                "logger": list(loggers),
                "default_root_dir": tmp_path,
                "enable_progress_bar": False,
                "enable_model_summary": False,
                "enable_checkpointing": False,
                "use_distributed_sampler": False,
                "num_sanity_val_steps": 0,
                "plugins": [SafeCheckpointIO()],
                **settings,
            }
        )
        trainer.fit(game, data or make_points(minibatches=game.n_critic, seed=game.seed), ckpt_path=ckpt_path)
        return trainer

    return run


@pytest.fixture
def each_iteration() -> Callable[..., Callback]:
    """A factory of callbacks that do something with the module behind every iteration."""
    return lambda act: LambdaCallback(on_train_batch_end=lambda trainer, module, *rest: act(module))


class MemoryLogger(Logger):
    """Remembers what was logged, as (axis, figures)."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[tuple[int | None, dict[str, float]]] = []

    @property
    def name(self) -> str:
        return "memory"

    @property
    def version(self) -> str:
        return ""

    def log_metrics(self, metrics: dict[str, float], step: int | None = None) -> None:
        self.records.append((step, dict(metrics)))

    def log_hyperparams(self, *args: Any, **kwargs: Any) -> None:
        """There is nothing to remember."""


@pytest.fixture
def memory_logger() -> MemoryLogger:
    """A logger whose `records` can be looked at."""
    return MemoryLogger()


@pytest.fixture
def state() -> Callable[[torch.nn.Module], dict[str, Tensor]]:
    """Copies every parameter and buffer of a module, by name."""
    return lambda module: {name: value.detach().clone() for name, value in module.state_dict().items()}


@pytest.fixture
def identical() -> Callable[[Mapping[str, Tensor], Mapping[str, Tensor]], bool]:
    """Whether two such states are equal to the bit."""

    def compare(left: Mapping[str, Tensor], right: Mapping[str, Tensor]) -> bool:
        return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)

    return compare


@cache
def _composed(overrides: tuple[str, ...]) -> DictConfig:
    with initialize_config_dir(str(CONF), version_base="1.3"):
        config = compose("config", list(overrides))
    with open_dict(config):  # settings of features that nobody chose, which a run drops
        for name in [name for name, node in config.metrics.items() if "_target_" not in node]:
            del config.metrics[name]
    return config


def make_config(*overrides: str, knobs: Sequence[str] = ()) -> DictConfig:
    """The config of a command line; `knobs` are set behind composing, which takes most of the time."""
    config = copy.deepcopy(_composed(("folder=/tmp/x", *overrides)))  # Hydra's own folder is there in a run alone
    for override in OverridesParser.create().parse_overrides(list(knobs)):
        OmegaConf.update(config, override.key_or_group, override.value())
    return config


@pytest.fixture
def composed() -> Callable[..., DictConfig]:
    """`make_config`, a factory of composed configs."""
    return make_config


QUIET = ["callbacks=none", "~callbacks.samples", "logger=none", "metrics=[]"]
QUICK = ["data.batch_size=8", "trainer.max_steps=3", "threads=1"]
SMALL = ["network.generator.width=8", "network.discriminator.width=8"]


def save_run(folder: Path, *overrides: str, knobs: Sequence[str] = ()) -> torch.nn.Module:
    """Train for three iterations, with checkpoints after the second and the third; the game as training left it."""
    config = make_config(*QUIET, *overrides, knobs=[*QUICK, *knobs, f"folder={folder}"])
    checkpoint = "gan_lightning.callbacks.checkpoint.IntervalCheckpoint"
    intervals = {"every_n_iterations": 2, "every_n_minutes": None, "keep": None}
    settings = {"folder": str(folder), **intervals, "best": None, "best_mode": "min"}
    OmegaConf.update(config, "callbacks.checkpoint", {"_target_": checkpoint, **settings}, force_add=True)
    parts = prepare(config)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.yaml").write_text(OmegaConf.to_yaml(config, resolve=True))
    train(parts)
    return parts.model


@pytest.fixture(scope="session")
def saved_run() -> Callable[..., torch.nn.Module]:
    """`save_run`, which trains for three iterations and leaves a run's folder."""
    return save_run


@pytest.fixture
def trained(tmp_path: Path) -> tuple[Path, torch.nn.Module]:
    """The folder of a run on the ring, and the game as training left it."""
    folder = tmp_path / "run"
    return folder, save_run(folder, knobs=[*SMALL, "data.num_samples=512", "network.generator.depth=1"])


@pytest.fixture(scope="session")
def point_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on the ring, for all tests that only read it."""
    folder = tmp_path_factory.mktemp("runs") / "points"
    save_run(folder, knobs=[*SMALL, "data.num_samples=512"])
    return folder


@pytest.fixture(scope="session", params=[1, 3], ids=["grey", "colour"])
def image_run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of convolutional networks on sixteen pictures of noise, 8 px, for tests that only read it."""
    place = tmp_path_factory.mktemp("runs")
    (place / "pictures").mkdir()
    for number, pixels in enumerate(np.random.default_rng(0).integers(0, 256, (16, 8, 8, 3), np.uint8)):
        Image.fromarray(pixels).save(place / "pictures" / f"{number}.png")
    data = ["data=image_folder", f"data.root={place / 'pictures'}", "data.size=8", f"data.channels={request.param}"]
    knobs = [*SMALL, "network.generator.latent_dim=5", f"data.cache={place}"]
    save_run(place / "images", "model=dcgan", *data, knobs=knobs)
    return place / "images"


@pytest.fixture(scope="session")
def labelled_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A conditional run on pictures of noise of three classes, 8 px, for tests that only read it."""
    place = tmp_path_factory.mktemp("runs")
    for number, pixels in enumerate(np.random.default_rng(0).integers(0, 256, (15, 8, 8), np.uint8)):
        folder = place / "pictures" / "abc"[number % 3]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    data = ["data=image_folder", f"data.root={place / 'pictures'}", "data.size=8", "data.channels=1"]
    knobs = [*SMALL, "network.generator.latent_dim=5", f"data.cache={place}"]
    save_run(place / "labelled", "model=cgan", *data, knobs=knobs)
    return place / "labelled"


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    """The files by which a run's folder is known, two checkpoints among them; nothing can be loaded."""
    folder = tmp_path / "run"
    (folder / "checkpoints").mkdir(parents=True)
    for name in ("00000010.ckpt", "last.ckpt"):
        (folder / "checkpoints" / name).touch()
    (folder / "config.yaml").write_text("model: {}\ndata: {}\nmetrics: {}\n")
    return folder


@pytest.fixture(scope="session")
def picture_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file under a picture's name: as much as is looked at before a run."""
    folder = tmp_path_factory.mktemp("pictures")
    (folder / "a.png").touch()
    return folder
