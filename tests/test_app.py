"""The command line, as a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from gan_lightning.data import files

CHECKOUT = Path(__file__).resolve().parent.parent
SMALL = [
    "trainer.accelerator=cpu",
    "trainer.max_steps=20",
    "every=10",
    "network.generator.width=8",
    "data.num_samples=2560",
]


def command(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(CHECKOUT)}
    call = [sys.executable, "-m", "gan_lightning", *arguments]
    return subprocess.run(call, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


def test_a_run_leaves_its_config_figures_pictures_and_checkpoints(tmp_path: Path) -> None:
    done = command(tmp_path, *SMALL)
    assert done.returncode == 0, done.stderr
    (run,) = (tmp_path / "outputs").glob("*/*")
    assert run.name.endswith("_r1gan_gaussians")
    names = {path.name for path in run.iterdir()}
    assert {"config.yaml", "metrics.csv", "metrics.jsonl", "curves.png", "training.gif", "checkpoints"} <= names
    assert sorted(path.name for path in (run / "samples").iterdir()) == ["00000000.png", "00000010.png", "00000020.png"]
    records = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert {record["step"] for record in records} == {0, 10, 20}
    assert {record["weights"] for record in records} == {"ema", "raw"}
    checkpoint = torch.load(run / "checkpoints" / "last.ckpt", weights_only=True)
    assert checkpoint["global_step"] == 20
    assert str(run) in done.stdout and "share" in done.stdout
    assert json.loads((run / "status.json").read_text())["state"] == "finished"
    assert "Traceback" not in done.stderr and "Warning" not in done.stderr


def test_a_mistake_is_one_line_and_exit_code_2_and_leaves_nothing(tmp_path: Path) -> None:
    done = command(tmp_path, "model.n_critc=5")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "gan_lightning: model.n_critc: no such key, did you mean model.n_critic?; "
        "--help lists the groups, --cfg job every key"
    ]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "fragment"),
    [
        (["data=mnist", "data.root=.", "data.download=false"], "raw/train-images-idx3-ubyte is damaged"),
        (["ckpt_path=other.ckpt"], "other.ckpt can't be read as a checkpoint"),
    ],
)
def test_a_mistake_that_is_found_late_leaves_nothing_either(
    tmp_path: Path, arguments: list[str], fragment: str
) -> None:
    (tmp_path / "other.ckpt").touch()
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name in files.MNIST.train:
        (raw / name).touch()
    before = sorted(tmp_path.rglob("*"))
    done = command(tmp_path, *arguments)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1 and fragment in done.stderr, done.stderr
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.slow
def test_a_finished_run_has_nothing_left_to_do(tmp_path: Path) -> None:
    assert command(tmp_path, *SMALL, "logger=none", "callbacks.evaluation.repeats=1").returncode == 0
    (checkpoint,) = tmp_path.glob("outputs/*/*/checkpoints/last.ckpt")
    before = sorted(tmp_path.rglob("*"))
    done = command(tmp_path, *SMALL, f"ckpt_path={checkpoint}")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "gan_lightning: there is nothing left to do: the checkpoint has 20 iterations; raise trainer.max_steps"
    ]
    assert sorted(tmp_path.rglob("*")) == before


def test_help_shows_the_groups_and_six_commands(tmp_path: Path) -> None:
    done = command(tmp_path, "--help")
    assert done.returncode == 0
    assert done.stdout.count("  python -m gan_lightning") == 7  # the usage line and six examples
    assert all(f"\n{group}: " in done.stdout.replace("  ", "") for group in ("model", "loss", "penalty", "data"))
    assert "r1gan" in done.stdout


def test_help_config_and_mistakes_do_not_import_torch() -> None:
    code = (
        "import sys, gan_lightning.app, gan_lightning.launch, gan_lightning.mistakes; sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, timeout=60).returncode == 0


@pytest.mark.parametrize(("flags", "first"), [(["--cfg", "job"], "seed: 0"), (["--help"], "Train a GAN variant")])
def test_the_config_and_help_are_shown_without_what_a_run_or_a_sweep_needs(flags: list[str], first: str) -> None:
    code = (
        "import atexit, sys; from gan_lightning.launch import launch\n"
        "needed = {'gan_lightning.single', 'gan_lightning.sweeps', 'torch', 'lightning'}\n"
        "atexit.register(lambda: print(needed & sys.modules.keys()))\n"
        f"sys.argv = ['', *{flags}]; launch()"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(first) and done.stdout.splitlines()[-1] == "set()"
