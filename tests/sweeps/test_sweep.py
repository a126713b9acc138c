"""Whole sweeps, as they are used."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent.parent
SMALL = [
    *("trainer.accelerator=cpu", "trainer.max_steps=4", "every=2", "network.generator.width=8"),
    *("data.num_samples=64", "data.batch_size=8", "~callbacks.animation", "~callbacks.curves", "~callbacks.samples"),
    *("metrics=[modes]", "metrics.modes.n=50", "callbacks.evaluation.repeats=1"),
]


def start(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    path = os.pathsep.join([str(CHECKOUT), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
    call = [sys.executable, "-m", "gan_lightning", "-m", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(call, cwd=folder, env=environment, stdout=pipe, stderr=pipe, text=True)


def run(folder: Path, *arguments: str) -> tuple[int, str, str]:
    process = start(folder, *arguments)
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def results(sweep: Path) -> list[dict[str, str]]:
    """The lines of results.csv, without the clock's."""
    with (sweep / "results.csv").open(newline="") as file:
        return [{key: value for key, value in line.items() if key != "seconds"} for line in csv.DictReader(file)]


def status(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "status.json").read_text())
    return found


def test_a_sweep_goes_on_after_jobs_that_fail_names_them_and_exits_with_1(tmp_path: Path) -> None:
    """A mistake that validation finds, one that only building finds, and a job that finishes."""
    swept = ["data.kind=grid", "data.modes=10,25", "+optimizer.generator.weight_decay=0,-1"]
    code, out, err = run(tmp_path, *swept, *SMALL, "hydra.sweep.dir=s")
    assert code == 1
    sweep = tmp_path / "s"
    states = {line["run"]: (line["state"], line["reason"]) for line in results(sweep)}
    assert states["2_modes=25,weight_decay=0"] == ("finished", "")
    assert (
        states["0_modes=10,weight_decay=0"][0] == "failed"
        and "square number of modes" in states["0_modes=10,weight_decay=0"][1]
    )
    state, reason = states["3_modes=25,weight_decay=-1"]
    assert state == "failed" and reason == "optimizer.generator: Invalid weight_decay value: -1"
    assert not (sweep / "3_modes=25,weight_decay=-1" / "error.txt").exists()  # a mistake has no traceback
    assert err.count("the sweep goes on") == 3 and "1 of 4 jobs finished, 3 not: failed" in out
    assert (sweep / "report.html").is_file()


@pytest.mark.slow
def test_a_sweep_that_is_killed_goes_on_with_the_rest_and_ends_with_the_same_table(tmp_path: Path) -> None:
    swept = ["seed=0,1,2", *SMALL]
    code, _, err = run(tmp_path, *swept, "hydra.sweep.dir=whole")
    assert code == 0, err
    killed = start(tmp_path, *swept, "hydra.sweep.dir=halves", "trainer.log_every_n_steps=1")
    second = tmp_path / "halves" / "1_seed=1"
    deadline = time.monotonic() + 120
    while not (second / "metrics.jsonl").is_file() and time.monotonic() < deadline:
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    first = status(tmp_path / "halves" / "0_seed=0")
    assert first["state"] == "finished"
    code, out, err = run(tmp_path, *swept, "trainer.log_every_n_steps=1", "sweep.resume=halves")
    assert code == 0, err
    assert status(tmp_path / "halves" / "0_seed=0") == first
    assert "job 0 is kept" in out and "job 2: 2_seed=2" in out
    assert results(tmp_path / "halves") == results(tmp_path / "whole")


@pytest.mark.slow
def test_jobs_run_in_parallel_with_joblib(tmp_path: Path) -> None:
    code, out, err = run(tmp_path, "seed=0,1,2", *SMALL, "hydra/launcher=joblib", "hydra.launcher.n_jobs=2")
    assert code == 0, err
    (sweep,) = (tmp_path / "outputs").glob("*/*_sweep")
    assert [line["run"] for line in results(sweep)] == ["0_seed=0", "1_seed=1", "2_seed=2"]
    assert "3 of 3 jobs finished" in out


@pytest.mark.slow
def test_a_search_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    search = ["sweep=optuna", *SMALL, "objective=ema/share50"]
    assert run(tmp_path, *search, "sweep.trial=range(2)", "hydra.sweep.dir=s")[0] == 0
    code, out, err = run(tmp_path, *search, "sweep.trial=range(3)", "sweep.resume=s")
    assert code == 0, err
    assert out.count("is kept") == 2
    assert [line["trial"] for line in results(tmp_path / "s")] == ["0", "1", "2"]


@pytest.mark.slow
def test_a_job_that_diverges_is_named_though_its_numbers_are_finite(tmp_path: Path) -> None:
    swept = ["optimizer.generator.lr=2e-3,1e6", *SMALL, "hydra.sweep.dir=s"]
    code, out, err = run(tmp_path, *swept)
    assert code == 1, err
    states = {line["run"]: line["state"] for line in results(tmp_path / "s")}
    assert states == {"0_lr=2e-3": "finished", "1_lr=1e6": "diverged"}
    reason = status(tmp_path / "s" / "1_lr=1e6")["reason"]
    assert reason.startswith("iteration ") and ": the weights have grown without bound, generator." in reason
