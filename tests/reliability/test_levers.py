"""What each lever changes of a variant's first losses: nothing but rounding, or it is named here."""

import ctypes
import importlib
import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import Mock, PropertyMock, patch

import pytest
import torch
import yaml
from lightning import Callback
from torch import nn

from gan_lightning import compiled, im2col, winograd
from gan_lightning.errors import UsageWarning
from gan_lightning.models.trained import TrainedModule
from gan_lightning.schema import CONF
from gan_lightning.speed import Speed
from gan_lightning.train import fit, prepare

VARIANTS = sorted(path.stem for path in (CONF / "model").glob("*.yaml"))
EXACT = {"one_pass": (True, False), "channels_last": (True, False), "im2col": (True, False)}
"""Levers whose two positions give the same losses."""
INEXACT = {"share_fakes"}
"""Levers that give others."""
PLAIN = {"cyclegan": "are its own", "vae": "are its own"}
"""Variants that speed.compile=true leaves as they are, and what is said of it."""
DOUBLE = "trainer.precision=64-true"
TOLERANCE = {"rel": 1e-8, "abs": 1e-10}
"""Of losses in double precision: rounding stays small there for twenty iterations, whatever game blows it up."""
TESTS = Path(__file__).resolve().parent.parent


PRODUCTS: dict[Any, str] = {im2col._Geometry: "patches", winograd: "down"}
"""What is called where convolutions are products."""


class Always(NamedTuple):
    """How to leave out a lever that no setting turns off."""

    lever: str
    """What `stand_ins` knows it by."""
    variant: str
    """A game on which it acts."""
    calls: int
    """How often a run of that game without it asks for what stands in its place."""
    to_the_bit: bool = True
    knobs: tuple[str, ...] = ()


LARGE = ("network.generator.width=128", "network.discriminator.width=128", "data.batch_size=256")
"""Tensors of 256 KiB, which glibc maps one by one unless it is told not to."""
ALWAYS = {
    "Adam keeps its lists": Always("Adam that keeps its lists", "r1gan", 2),
    "fakes of all steps at once": Always("fakes of all steps at once", "wgan_gp", 1, to_the_bit=False),
    "empty hooks are passed over": Always("hooks asked for once", "gan", 1),
    "batches stay where they are": Always("batches stay where they are", "gan", 1),
    "batches are gathered in memory": Always("batches gathered in memory", "gan", 1),
    "numbers stay on the device until they are logged": Always("numbers read where they are logged", "r1gan", 40),
    "no idle profiler": Always("no idle profiler", "gan", 1),
    "the discriminator is frozen in the generator's step": Always("frozen discriminator", "r1gan", 40),
    "R1 on the loss's own pass": Always("R1 on the loss's pass", "r1gan", 20, to_the_bit=False),
    "freed memory is kept": Always("freed memory kept", "gan", 1, knobs=(*LARGE, "data.num_samples=2048")),
    "CUDA is asked without NVML": Always("CUDA asked without NVML", "wgan", 1),  # Adam's steps ask nothing
    "noise is seeded without a stack trace": Always("noise seeded without a trace", "gan", 20),
}
"""By the words of the README's table."""
OF_TWO_PROCESSES = {"one flat buffer of gradients": "test_gradients_in_one_buffer_are_those_averaged_one_by_one"}
"""The same for those that take two processes: the tests."""


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


@pytest.fixture(scope="module")
def stand_ins() -> dict[str, dict[str, Any]]:
    """What `tests/benchmarks/levers.py` puts in the place of each lever that it times without a setting, by its target.

    Memory is not among them: there it is a process that keeps it or does not.
    """
    with pytest.MonkeyPatch.context() as patched:
        patched.syspath_prepend(TESTS / "benchmarks")
        levers = importlib.import_module("levers").LEVERS
    known = {name: lever.without for name, lever in levers.items() if lever.without}
    return known | {"freed memory kept": {"gan_lightning.train.keep_freed_memory": map_anew}}


def map_anew() -> None:
    """Set glibc's allocator back to what it does by default (mallopt(3))."""
    if platform.libc_ver()[0] == "glibc":
        mallopt, defaults = ctypes.CDLL(None).mallopt, ((-3, 128 << 10), (-1, 128 << 10), (-2, 128 << 10))
        assert all(mallopt(setting, value) == 1 for setting, value in defaults)


def bound(asked: Mock) -> Callable[..., Any]:
    """The same as a function, which is a method where it stands in a class."""
    return lambda *arguments, **options: asked(*arguments, **options)


@pytest.mark.parametrize("words", ALWAYS)
def test_a_lever_that_is_always_there_gives_the_losses_of_a_run_without(
    words: str, stand_ins: Any, tiny_run: Any, logged: Any, tmp_path: Path
):
    lever, variant, calls, to_the_bit, knobs = ALWAYS[words]
    ((target, instead),) = stand_ins[lever].items()
    asked = Mock(side_effect=instead) if callable(instead) else PropertyMock(return_value=instead)
    tiny_run(variant, tmp_path / "with", knobs=[*knobs, DOUBLE])
    with patch(target, bound(asked) if callable(instead) else asked):
        tiny_run(variant, tmp_path / "without", knobs=[*knobs, DOUBLE])
    assert asked.call_count == calls
    found, expected = (losses(logged(tmp_path / side)) for side in ("with", "without"))
    assert found.keys() == expected.keys() and found
    for name, values in expected.items():
        assert found[name] == (values if to_the_bit else pytest.approx(values, **TOLERANCE)), name


def test_each_lever_that_is_always_there_is_left_out_in_a_test(stand_ins: Any):
    table = (CONF.parent / "README.md").read_text()
    found = re.findall(r"^\| always: ([^|(]+?) (?:\(`.*?`\) )?\|.*\| ([^|]*) \| ([^|]*) \|$", table, re.MULTILINE)
    rows = {words: told for words, _, told in found}
    assert all(re.search(r"\d\.\d\d ± \d|instead of \d", figure) for _, figure, _ in found)
    assert rows.keys() == {*ALWAYS, *OF_TWO_PROCESSES} and len(rows) == table.count("| always: ")
    assert all(told.startswith("equal") for told in rows.values())
    assert all(case.to_the_bit or "to the bit" not in rows[words] for words, case in ALWAYS.items())
    assert {case.lever for case in ALWAYS.values()} == stand_ins.keys()
    assert all(name in globals() for name in OF_TWO_PROCESSES.values())


@pytest.mark.slow
def test_gradients_in_one_buffer_are_those_averaged_one_by_one(tmp_path: Path):
    """To the bit, where there are two processes: a sum of more depends on its order."""
    path = os.pathsep.join(map(str, (TESTS, TESTS / "benchmarks", TESTS.parent)))
    call = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"]
    call += [str(TESTS / "reliability" / "one_by_one.py"), str(tmp_path)]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": path}
    done = subprocess.run(call, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    for rank in range(2):
        left = torch.load(tmp_path / str(rank))
        assert left["calls"] == 150  # fifty iterations of two critic steps and the generator's
        assert left["flat"].keys() == left["single"].keys()
        for name, value in left["single"].items():
            assert torch.equal(left["flat"][name], value), name


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
        parts = prepare(pictured(composed, network, noise_pictures, folder, f"speed.channels_last={position}"))
        fit(parts)
        last = torch.channels_last if position else torch.contiguous_format
        convolutions = [w for w in parts.model.parameters() if w.dim() == 4 and min(w.shape) > 1]
        assert convolutions and all(w.is_contiguous(memory_format=last) for w in convolutions)
        found.append(losses(logged(folder)))
    for name, values in found[0].items():
        assert values == pytest.approx(found[1][name], **TOLERANCE), name


@pytest.mark.parametrize("model", ["dcgan", "wgan_gp"])
def test_convolutions_as_products_give_the_same_losses(
    model: str, composed: Any, noise_pictures: Path, logged: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(im2col, "WEIGHTS_A_POSITION", 1)
    for size in ("CHANNELS", "OUTPUTS", "OF_FEW", "POSITIONS", "ALONE"):
        monkeypatch.setattr(winograd, size, 8)  # of some layers, the others' weights are products of patches
    counted = {place: Mock(wraps=getattr(place, name)) for place, name in PRODUCTS.items()}
    for place, name in PRODUCTS.items():
        monkeypatch.setattr(place, name, bound(counted[place]))
    found, calls = [], []
    for position in EXACT["im2col"]:
        for mock in counted.values():
            mock.reset_mock()
        folder = tmp_path / str(position)
        knobs = [f"model={model}", "data.size=16", f"speed.im2col={position}"]
        fit(prepare(pictured(composed, "dcgan", noise_pictures, folder, *knobs)))
        calls.append([mock.call_count for mock in counted.values()])
        found.append(losses(logged(folder)))
    assert min(calls[0]) > 0 and not any(calls[1])
    for name, values in found[0].items():
        assert values == pytest.approx(found[1][name], **TOLERANCE), name


@pytest.mark.parametrize("end", [KeyboardInterrupt, RuntimeError, None])
def test_all_convolutions_are_products_while_training_and_torchs_behind(
    end: type[BaseException] | None, composed: Any, noise_pictures: Path, tmp_path: Path
):
    parts = prepare(pictured(composed, "dcgan", noise_pictures, tmp_path, "trainer.max_steps=1", "speed.im2col=true"))
    convolutions = [module for module in parts.model.modules() if isinstance(module, nn.Conv2d | nn.ConvTranspose2d)]
    seen: list[bool] = []

    class Spy(Callback):
        def on_train_batch_end(self, *rest: Any) -> None:
            seen.extend("forward" in vars(convolution) for convolution in convolutions)
            if end is not None:
                raise end

    parts.trainer.callbacks.append(Spy())  # type: ignore[attr-defined]
    with nullcontext() if end is None else pytest.raises(BaseException):
        fit(parts)
    assert len(seen) == len(convolutions) == 6 and all(seen), "two of each player, and of the average"
    assert not any("forward" in vars(convolution) for convolution in convolutions)


@pytest.mark.parametrize(("precision", "lower"), [("32-true", False), ("64-true", False), ("bf16-mixed", True)])
def test_how_an_iteration_is_computed_is_asked_with_the_trainers_precision(
    precision: str, lower: bool, composed: Any, noise_pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    asked: list[bool] = []
    monkeypatch.setattr(Speed, "layout", lambda *rest: asked.append(rest[-1]) or torch.contiguous_format)
    fit(
        prepare(
            pictured(
                composed, "dcgan", noise_pictures, tmp_path, "trainer.max_steps=1", f"trainer.precision={precision}"
            )
        )
    )
    assert asked == [lower]


def pictured(composed: Any, network: str, pictures: Path, folder: Path, *knobs: str) -> Any:
    """A run on pictures of noise."""
    bare = ["callbacks=none", "~callbacks.samples", "~logger.tensorboard", "metrics=[]", "trainer=cpu"]
    data = ["data=image_folder", f"data.root={pictures / 'pictures'}", "data.size=8", "data.channels=1"]
    small = ["network.generator.width=8", "network.discriminator.width=8", "data.batch_size=8", "threads=1"]
    run = [f"data.cache={pictures}", f"folder={folder}", "trainer.max_steps=6", "trainer.log_every_n_steps=1", DOUBLE]
    return composed("model=dcgan", f"network={network}", *data, *bare, *small, *run, *knobs)


def test_shared_fakes_are_other_numbers_from_the_generators_first_step_on(tiny_run: Any, logged: Any, tmp_path: Path):
    found = []
    for position in ("false", "true"):
        tiny_run("gan", tmp_path / position, knobs=[f"speed.share_fakes={position}"])
        found.append(losses(logged(tmp_path / position)))
    apart, shared = found
    assert shared["loss/discriminator"][0] == apart["loss/discriminator"][0]
    assert shared["loss/generator"][0] != apart["loss/generator"][0]
    assert shared["loss/discriminator"][1] != pytest.approx(apart["loss/discriminator"][1], rel=1e-6)


def test_bfloat16_is_other_numbers_from_the_first_losses_on(tiny_run: Any, logged: Any, tmp_path: Path):
    found = []
    for precision in ("32-true", "bf16-mixed"):
        tiny_run("gan", tmp_path / precision, knobs=[f"trainer.precision={precision}"])
        found.append(losses(logged(tmp_path / precision)))
    full, lower = found
    for name in ("loss/discriminator", "loss/generator"):
        assert lower[name][0] != pytest.approx(full[name][0], rel=1e-6)
        assert lower[name][0] == pytest.approx(full[name][0], rel=2**-7)  # the spacing of its numbers


def test_a_penalty_at_every_fourth_iteration_is_other_numbers_behind_the_first(
    tiny_run: Any, logged: Any, tmp_path: Path
):
    found = []
    for every in (1, 4):
        tiny_run("r1gan", tmp_path / str(every), knobs=[f"penalty.r1.every={every}", DOUBLE])
        found.append(logged(tmp_path / str(every)))
    always, lazy = found
    assert ["penalty/r1" in row for row in always] == [True] * 20
    assert ["penalty/r1" in row for row in lazy] == [False, False, False, True] * 5
    assert lazy[0]["loss/discriminator"] == always[0]["loss/discriminator"]
    for left, right in zip(lazy[1:], always[1:], strict=True):
        assert float(left["loss/generator"]) != pytest.approx(float(right["loss/generator"]), **TOLERANCE)
