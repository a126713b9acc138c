"""The first iterations of every variant are those of the version that recorded them, and so is a run that it kept.

`python -m pytest -n 0 -m '' tests/reliability/test_golden.py --record-golden` writes them anew, for a change
that is meant to change the numbers.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from omegaconf import OmegaConf

from gan_lightning.noise import generator
from gan_lightning.runs.opened import open_run
from gan_lightning.runs.run import find_run
from gan_lightning.train import fit, prepare

GOLDEN = Path(__file__).parent / "golden"
LOSSES, KEPT = GOLDEN / "losses.json", GOLDEN / "run"
"""Losses of every variant's iterations, and a run in the middle of its second epoch, whose checkpoint is kept."""
TERMS = ("loss/", "penalty/", "elbo")
TOLERANCE = {"rel": 1e-4, "abs": 1e-7}
DOUBLE = "trainer.precision=64-true"
"""What is rounded otherwise by another order of sums, in another version or on another machine, stays small."""
AT = 10
CHECKPOINT = Path("checkpoints", f"{AT:08d}.ckpt")

Losses = dict[str, list[float]]


def losses(rows: list[dict[str, str]]) -> Losses:
    """Columns of the log that say what was minimised, in the order of the iterations; six digits are kept."""
    names = sorted({name for row in rows for name in row if name.startswith(TERMS)})
    return {name: [float(f"{float(row[name]):.6g}") for row in rows] for name in names}


def assert_near(found: Losses, recorded: Losses) -> None:
    assert found.keys() == recorded.keys() and found
    for name, values in recorded.items():
        assert found[name] == pytest.approx(values, **TOLERANCE), name


@pytest.fixture
def recording(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--record-golden", default=False))


def write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1).replace("\n   ", " ").replace("\n  ]", "]") + "\n")


def test_the_first_losses_are_those_that_were_recorded(
    any_variant: str, recording: bool, tiny_run: Any, logged: Any, tmp_path: Path
):
    tiny_run(any_variant, tmp_path, knobs=[DOUBLE])
    found = losses(logged(tmp_path))
    assert all(len(values) == 20 for values in found.values())
    known = json.loads(LOSSES.read_text()) if LOSSES.is_file() else {}
    if recording:
        write(LOSSES, dict(sorted({**known, any_variant: found}.items())))
    else:
        assert_near(found, known[any_variant])


def test_a_rate_that_is_a_tenth_higher_would_be_noticed(tiny_run: Any, logged: Any, tmp_path: Path):
    tiny_run("gan", tmp_path, knobs=[DOUBLE, "optimizer.generator.lr=0.0022"])
    with pytest.raises(AssertionError):
        assert_near(losses(logged(tmp_path)), json.loads(LOSSES.read_text())["gan"])


def samples(folder: Path) -> list[list[float]]:
    """Four of the averaged generator's."""
    opened = open_run(find_run(folder / CHECKPOINT))
    return opened.module(opened.module.latents(4, generator(0))).tolist()


def test_the_kept_run_is_sampled_from_and_goes_on_with_the_same_numbers(
    recording: bool, tiny_config: Any, logged: Any, tmp_path: Path
):
    run = tmp_path / "run"
    if recording:
        keep(tiny_config, logged, tmp_path / "whole")
    shutil.copytree(KEPT, run)
    expected = json.loads((KEPT / "expected.json").read_text())
    assert sum(path.stat().st_size for path in KEPT.rglob("*")) < 200_000
    assert torch.tensor(samples(run)).flatten().tolist() == pytest.approx(expected["samples"], rel=1e-4, abs=1e-6)
    config = find_run(run / CHECKPOINT).config
    config.ckpt_path = str(run / CHECKPOINT)
    config.logger.csv.folder = config.callbacks.checkpoint.folder = config.callbacks.guard.folder = str(run)
    parts = prepare(config)
    fit(parts)
    assert parts.trainer.global_step == 20
    assert_near(losses(logged(run)), expected["losses"])


def keep(tiny_config: Any, logged: Any, folder: Path) -> None:
    """Write the kept run anew: its config, its checkpoint, and what comes of them."""
    config = tiny_config("r1gan", folder, save=AT)
    fit(prepare(config))
    shutil.rmtree(KEPT, ignore_errors=True)
    (KEPT / "checkpoints").mkdir(parents=True)
    text = OmegaConf.to_yaml(config, resolve=True).replace(str(folder), "run")
    (KEPT / "config.yaml").write_text(text)
    for path in folder.glob(f"checkpoints/{AT:08d}.ckpt*"):
        shutil.copy(path, KEPT / "checkpoints")
    drawn = torch.tensor(samples(KEPT)).flatten().tolist()
    write(KEPT / "expected.json", {"samples": drawn, "losses": losses(logged(folder)[AT:])})
