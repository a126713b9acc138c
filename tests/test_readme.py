"""The README's commands and pictures exist."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import torch
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from gan_lightning import variants
from gan_lightning.data.loader import Batch
from gan_lightning.evaluation.of_pictures import PicturesSubject
from gan_lightning.evaluation.plan import plan
from gan_lightning.validation import drop_unchosen, validate
from gan_lightning.verbs.app import VERBS

CHECKOUT = Path(__file__).resolve().parent.parent
README = (CHECKOUT / "README.md").read_text()
LINES = re.findall(r"^(?:srun )?python -m gan_lightning ?(.*?)(?:\s+#.*)?$", README, re.MULTILINE)
COMMANDS = [line for line in LINES if line.split(" ")[0] not in VERBS]
EVALUATIONS = [line for line in LINES if line.startswith("evaluate ")]


@pytest.mark.parametrize("arguments", COMMANDS)
def test_a_command_of_the_readme_composes(arguments: str, picture_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    words = [word for word in shlex.split(arguments) if word not in ("-m", "--help")]
    single = [re.sub(r"=([^\[\]]*?),.*", r"=\1", word) for word in words]  # a sweep's first job
    single = [re.sub(r"=range\((\d+)\)", "=0", word) for word in single]
    single = [
        word.replace("FOLDER", str(picture_folder)).replace("OTHER", str(tmp_path))
        for word in single
        if not word.startswith(("ckpt_path", "resume="))
    ]
    with initialize_config_dir(str(CHECKOUT / "conf"), version_base="1.3"):
        config = compose("config", ["folder=unused", *single])
    drop_unchosen(config, single)
    validate(config)


@pytest.mark.parametrize("arguments", EVALUATIONS)
def test_what_an_evaluation_of_the_readme_asks_for_composes(arguments: str, picture_folder: Path) -> None:
    words = arguments.replace("OTHER", str(picture_folder)).split()[2:]
    overrides = [word for word in words if "=" in word]
    if not any(word.startswith("data=") for word in overrides):
        overrides.append("data=mnist")  # a run's own
    assert plan(PicturesSubject(picture_folder), overrides).metrics


def test_the_variant_that_the_readme_writes_is_one(
    small_game: Any, fit: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (code,), (settings,) = (re.findall(rf"^```{kind}\n(.*?)^```$", README, re.M | re.S) for kind in ("python", "yaml"))
    made: dict[str, Any] = {}
    exec(code, made)
    game = small_game(model=made["NoisyGAN"], noise=0.1)
    fit(game, steps=2)
    near, far = (game.sides(Batch(torch.zeros(4, 2), None), torch.zeros(4, 2)) for _ in range(2))
    assert not any(torch.equal(*sides) for sides in zip(near, far, strict=True))
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "noisy.yaml").write_text(settings)
    with initialize_config_dir(str(CHECKOUT / "conf"), version_base="1.3"):
        config = compose("config", ["model=noisy", "folder=unused", f"hydra.searchpath=[file://{tmp_path}]"])
    drop_unchosen(config)
    validate(config)
    assert config.model["_target_"] == f"gan_lightning.models.noisy.{game.__class__.__name__}"
    monkeypatch.setattr(variants, "CONF", tmp_path)
    monkeypatch.setattr(variants, "options", lambda group: ["noisy"])
    assert tuple(variants.card("noisy").facts) == variants.FACTS


@pytest.mark.parametrize(
    ("key", "data"),
    [
        ("trainer.max_steps", "gaussians"),
        ("trainer.max_steps", "mnist"),
        ("data.batch_size", "gaussians"),
        ("data.batch_size", "mnist"),
        ("network.generator.width", "gaussians"),
        ("network.discriminator.width", "mnist"),
        ("model.ema", "mnist"),
        ("every", "gaussians"),
        ("threads", "gaussians"),
        ("seed", "mnist"),
    ],
)
def test_defaults_are_what_the_readme_says(key: str, data: str, composed: Any) -> None:
    value = OmegaConf.select(composed(f"data={data}"), key)
    row = re.search(rf"^\| .*`{re.escape(key)}`.* \| (.*) \|$", README, re.MULTILINE)
    assert row and f"{value:,}" in row.group(1)


def test_the_readme_has_commands() -> None:
    assert len(COMMANDS) >= 10 and len(EVALUATIONS) >= 4


@pytest.mark.parametrize("target", re.findall(r"\]\((?!http)([^)#]+)\)", README))
def test_what_the_readme_links_to_is_there(target: str) -> None:
    assert (CHECKOUT / target).exists()


@pytest.mark.parametrize("target", re.findall(r"^make ([a-z-]+)", README, re.MULTILINE))
def test_make_targets_of_the_readme_exist(target: str) -> None:
    assert re.search(rf"^{target}:", (CHECKOUT / "Makefile").read_text(), re.MULTILINE)
