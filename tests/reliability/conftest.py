"""Every shipped variant as a tiny run that takes a fraction of a second: points, or pictures of noise where it needs
classes; eight iterations an epoch."""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from lightning import Callback
from omegaconf import DictConfig
from PIL import Image

from gan_lightning.schema import CONF
from gan_lightning.train import Parts, fit, prepare

VARIANTS = sorted(path.stem for path in (CONF / "model").glob("*.yaml"))
QUICK = ("cyclegan",)
"""Of two domains and with the most state; the other variants are slow tests where a variant takes more than a
moment."""
CHEAP = (*QUICK, "vae", "gan", "pacgan", "r1gan", "wgan", "infogan")
"""The same where a variant takes but a moment."""
EPOCH, BATCH, ITERATIONS = 8, 8, 20
BARE = ["callbacks=none", "~callbacks.samples", "~logger.tensorboard", "metrics=[]", "trainer=cpu"]
CALLBACKS = {
    "guard": {"_target_": "gan_lightning.callbacks.guard.Guard", "action": "stop", "rollbacks": 3, "factor": 0.5},
    "checkpoint": {
        "_target_": "gan_lightning.callbacks.checkpoint.IntervalCheckpoint",
        "every_n_minutes": None,
        "keep": None,
        "best": None,
        "best_mode": "min",
    },
}

TinyRun = Callable[..., Parts]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record-golden", action="store_true", help="write the golden files of tests/reliability anew")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test of `variant` runs for each of them, and is slow but for the quick; of `any_variant`, the cheap."""
    for name, fast in (("variant", QUICK), ("any_variant", CHEAP)):
        if name in metafunc.fixturenames:
            marked = [pytest.param(one, marks=() if one in fast else pytest.mark.slow) for one in VARIANTS]
            metafunc.parametrize(name, marked)


@pytest.fixture(scope="session")
def noise_pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty-four grey pictures of noise of three classes, 8 px."""
    place = tmp_path_factory.mktemp("noise")
    for number, pixels in enumerate(np.random.default_rng(0).integers(0, 256, (EPOCH * BATCH, 8, 8), np.uint8)):
        folder = place / "pictures" / "abc"[number % 3]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / f"{number:02d}.png")
    return place


@pytest.fixture
def tiny_config(composed: Callable[..., DictConfig], noise_pictures: Path) -> Callable[..., DictConfig]:
    """The config of a variant's tiny run into a folder; everything is logged, and saved at every `save` iterations."""

    def make(variant: str, folder: Path, save: int = ITERATIONS, knobs: Sequence[str] = ()) -> DictConfig:
        needs = yaml.safe_load((CONF / "model" / f"{variant}.yaml").read_text()).get("needs", [])
        data = {"labels": ["data=image_folder", f"data.root={noise_pictures / 'pictures'}"]}.get("".join(needs), [])
        data = ["data=unpaired_gaussians"] if "pairs" in needs else data
        config = composed(f"model={variant}", *data, *BARE, knobs=["threads=1"])
        small = ["network.generator.width=8", "network.discriminator.width=8", f"data.batch_size={BATCH}"]
        samples = EPOCH * BATCH * config.model.n_critic
        size = [f"data.num_samples={samples}"]
        if "labels" in needs:
            size = ["data.size=8", "data.channels=1", "data.flip=true", f"data.cache={noise_pictures}"]
        run = [f"folder={folder}", f"trainer.max_steps={ITERATIONS}", "trainer.log_every_n_steps=1"]
        for override in [*small, *size, *run, *knobs]:
            key, value = override.split("=")
            _set(config, key, yaml.safe_load(value))
        places = {
            "guard": {"folder": str(folder), "every": 5},
            "checkpoint": {"folder": str(folder), "every_n_iterations": save},
        }
        config.callbacks = {name: node | places[name] for name, node in CALLBACKS.items()}
        return config

    return make


@pytest.fixture
def tiny_run(tiny_config: Callable[..., DictConfig]) -> TinyRun:
    """Trains a variant's tiny run in a folder, with more callbacks, which come first; what it consisted of."""

    def run(variant: str, folder: Path, callbacks: Sequence[Callback] = (), **settings: Any) -> Parts:
        parts = prepare(tiny_config(variant, folder, **settings))
        parts.trainer.callbacks[:0] = callbacks
        fit(parts)
        return parts

    return run


@pytest.fixture
def logged() -> Callable[[Path], list[dict[str, str]]]:
    """The rows of a run's log, as they stand in its file, without empty cells."""

    def read(folder: Path) -> list[dict[str, str]]:
        with (folder / "metrics.csv").open(newline="") as file:
            return [{name: cell for name, cell in row.items() if cell} for row in csv.DictReader(file)]

    return read


def _set(config: DictConfig, key: str, value: Any) -> None:
    *path, name = key.split(".")
    node: Any = config
    for part in path:
        node = node[part]
    node[name] = value
