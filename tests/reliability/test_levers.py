"""What each lever of `speed` changes of a variant's first losses: nothing but rounding, or it is named here."""

import json
import re
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from gan_lightning import compiled
from gan_lightning.errors import UsageWarning
from gan_lightning.models.trained import TrainedModule
from gan_lightning.schema import CONF
from gan_lightning.speed import Speed
from gan_lightning.train import fit, prepare

VARIANTS = sorted(path.stem for path in (CONF / "model").glob("*.yaml"))
EXACT = {"one_pass": (True, False), "channels_last": (True, False)}
"""Levers whose two positions give the same losses."""
INEXACT = {"share_fakes"}
"""Levers that give others."""
PLAIN = {"cyclegan": "are its own", "vae": "are its own"}
"""Variants that speed.compile=true leaves as they are, and what is said of it."""
DOUBLE = "trainer.precision=64-true"
TOLERANCE = {"rel": 1e-8, "abs": 1e-10}
"""Of losses in double precision: rounding stays small there for twenty iterations, whatever game blows it up."""


def losses(rows: Sequence[dict[str, str]]) -> dict[str, list[float]]:
    names = sorted({name for row in rows for name in row if name.startswith(("loss/", "penalty/", "elbo", "score/"))})
    return {name: [float(row[name]) for row in rows] for name in names}


def test_each_lever_is_exact_or_named_as_not():
    assert {field.name for field in fields(Speed)} == {*EXACT, "compile", *INEXACT}
    shipped = (CONF / "speed" / "exact.yaml").read_text()
    table = (CONF.parent / "README.md").read_text()
    for field in fields(Speed):
        (comment,) = re.findall(rf"^  {field.name}: .*#(.*)$", shipped, re.MULTILINE)
        rows = re.findall(rf"^\| `speed\.{field.name}=.*$", table, re.MULTILINE)
        assert rows and all(("other numbers" in text) == (field.name in INEXACT) for text in (comment, *rows))
    for name in ("trainer.precision=bf16-mixed", "penalty.r1.every=16"):
        assert re.search(rf"^\| `{re.escape(name)}`.*other numbers", table, re.MULTILINE)
    assert all(yaml.safe_load(shipped)["speed"][name] is False for name in INEXACT)
    assert yaml.safe_load(shipped)["trainer"]["precision"] == "32-true"


def test_one_kernel_for_all_weights_gives_the_losses_of_many(tiny_run: Any, logged: Any, tmp_path: Path):
    found = []
    for position in ("true", "false"):
        fused = [f"optimizer.{player}.fused={position}" for player in ("generator", "discriminator")]
        tiny_run("gan", tmp_path / position, knobs=[*fused, DOUBLE])
        found.append(losses(logged(tmp_path / position)))
    for name, values in found[0].items():
        assert values == pytest.approx(found[1][name], **TOLERANCE), name


def test_one_pass_gives_the_losses_of_two(any_variant: str, tiny_run: Any, logged: Any, tmp_path: Path):
    found = []
    for position in EXACT["one_pass"]:
        folder = tmp_path / str(position)
        tiny_run(any_variant, folder, knobs=[f"speed.one_pass={json.dumps(position)}", DOUBLE])
        found.append(losses(logged(folder)))
    assert found[0].keys() == found[1].keys() and found[0]
    for name, values in found[0].items():
        assert values == pytest.approx(found[1][name], **TOLERANCE), name


def test_in_lower_precision_what_players_minimise_is_float32(
    any_variant: str, tiny_run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    terms: dict[str, torch.dtype] = {}
    account = TrainedModule.account

    def note(game: Any, player: str, found: Any) -> None:
        terms.update({f"{player} {name}": value.dtype for name, value in found.items()})
        account(game, player, found)

    monkeypatch.setattr(TrainedModule, "account", note)
    tiny_run(any_variant, tmp_path, knobs=["trainer.precision=bf16-mixed", "trainer.max_steps=2"])
    assert terms and set(terms.values()) == {torch.float32}, terms


@pytest.mark.slow
@pytest.mark.parametrize("model", VARIANTS)
def test_compiled_steps_give_the_losses_of_plain_ones(
    model: str, tiny_run: Any, logged: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(compiled, "_BACKEND", "aot_eager")
    torch._dynamo.reset()
    found = []
    for position in ("false", "true"):
        told = (
            pytest.warns(UsageWarning, match=PLAIN[model]) if position == "true" and model in PLAIN else nullcontext()
        )
        with told:
            knobs = [f"speed.compile={position}", "trainer.log_every_n_steps=5", DOUBLE]
            tiny_run(model, tmp_path / position, knobs=knobs)
        found.append(losses(logged(tmp_path / position)))
    for name, values in found[0].items():
        assert values == pytest.approx(found[1][name], **TOLERANCE), name


@pytest.mark.parametrize("network", ["dcgan", pytest.param("resnet", marks=pytest.mark.slow)])
def test_images_pixel_by_pixel_give_the_same_losses(
    network: str, composed: Any, noise_pictures: Path, logged: Any, tmp_path: Path
):
    found = []
    for position in EXACT["channels_last"]:
        folder = tmp_path / str(position)
        parts = prepare(pictured(composed, network, noise_pictures, folder, position))
        fit(parts)
        last = torch.channels_last if position else torch.contiguous_format
        convolutions = [w for w in parts.model.parameters() if w.dim() == 4 and min(w.shape) > 1]
        assert convolutions and all(w.is_contiguous(memory_format=last) for w in convolutions)
        found.append(losses(logged(folder)))
    for name, values in found[0].items():
        assert values == pytest.approx(found[1][name], **TOLERANCE), name


def pictured(composed: Any, network: str, pictures: Path, folder: Path, channels_last: bool) -> Any:
    """A run on pictures of noise."""
    bare = ["callbacks=none", "~callbacks.samples", "~logger.tensorboard", "metrics=[]", "trainer=cpu"]
    data = ["data=image_folder", f"data.root={pictures / 'pictures'}", "data.size=8", "data.channels=1"]
    small = ["network.generator.width=8", "network.discriminator.width=8", "data.batch_size=8", "threads=1"]
    run = [f"data.cache={pictures}", f"folder={folder}", "trainer.max_steps=6", "trainer.log_every_n_steps=1", DOUBLE]
    return composed(
        "model=dcgan", f"network={network}", *data, *bare, *small, *run, f"speed.channels_last={channels_last}"
    )


def test_shared_fakes_are_other_numbers_from_the_generators_first_step_on(tiny_run: Any, logged: Any, tmp_path: Path):
    found = []
    for position in ("false", "true"):
        tiny_run("gan", tmp_path / position, knobs=[f"speed.share_fakes={position}"])
        found.append(losses(logged(tmp_path / position)))
    apart, shared = found
    assert shared["loss/discriminator"][0] == apart["loss/discriminator"][0]
    assert shared["loss/generator"][0] != apart["loss/generator"][0]
    assert shared["loss/discriminator"][1] != pytest.approx(apart["loss/discriminator"][1], rel=1e-6)
