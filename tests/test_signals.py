"""Signals to a whole command line, and what `resume=` makes of it; two processes among them."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from gan_lightning.runs.sidecar import flaw

CHECKOUT = Path(__file__).resolve().parent.parent
SMALL = ["network.generator.width=8", "network.discriminator.width=8", "data.num_samples=640", "data.batch_size=8"]
QUIET = ["callbacks.checkpoint.every_n_iterations=1000", "~callbacks.samples", "~callbacks.curves", "metrics=[]"]
LOGGED = ["~callbacks.animation", "~logger.tensorboard", "trainer.log_every_n_steps=1", "trainer.max_steps=300"]
PARTS = ["model=wgan_gp", "trainer.accelerator=cpu", "threads=1", *SMALL, *QUIET, *LOGGED]
STARTED: list["subprocess.Popen[bytes]"] = []
PATIENCE = 300  # seconds, on a machine that others use as well
SHORT = "trainer.max_steps=100"
LONG = "trainer.max_steps=1000000"
MAIN = (  # a test's own parent may have had SIGINT ignored
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler);"
    "from gan_lightning.app import main; sys.exit(main())"
)


def start(folder: Path, *arguments: str, **more: str) -> "subprocess.Popen[bytes]":
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(CHECKOUT)} | more
    call = [sys.executable, "-c", MAIN, *arguments]
    told = tempfile.TemporaryFile()  # a pipe that nobody reads would fill up
    process = subprocess.Popen(call, cwd=folder, env=environment, start_new_session=True, stderr=told)
    process.stderr = told
    STARTED.append(process)
    return process


@pytest.fixture(autouse=True)
def nothing_lives_on() -> Iterator[None]:
    """Whatever a test that fails has started ends with it."""
    yield
    for process in STARTED:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        assert process.stderr is not None
        process.stderr.close()
    STARTED.clear()


def train(folder: Path, name: str, *arguments: str, **more: str) -> "subprocess.Popen[bytes]":
    return start(folder, *PARTS, *arguments, f"hydra.run.dir={folder / name}", **more)


def said(process: "subprocess.Popen[bytes]") -> list[str]:
    """The package's own lines on stderr, once it has ended; a traceback's first line too."""
    assert process.stderr is not None
    process.stderr.seek(0)
    lines = process.stderr.read().decode().replace("\r", "\n").splitlines()
    return [line for line in lines if line.startswith(("gan_lightning", "Traceback"))]


def state(folder: Path) -> tuple[str, str]:
    status = json.loads((folder / "status.json").read_text())
    return status["state"], status["reason"]


def until(happened: Callable[[], bool], process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def slurm(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a SLURM job of one task, with a scontrol that writes down what it is told in CALLS."""
    folder = tmp_path_factory.mktemp("slurm")
    (folder / "scontrol").write_text(f'#!/bin/sh\necho "$@" >> {folder}/calls\n')
    (folder / "scontrol").chmod(0o755)
    job = {"SLURM_JOB_ID": "77", "SLURM_JOB_NAME": "night", "SLURM_NTASKS": "1", "SLURM_PROCID": "0"}
    places = {"SLURM_LOCALID": "0", "SLURM_NODEID": "0", "SLURM_NTASKS_PER_NODE": "1"}
    return job | places | {"PATH": f"{folder}:{os.environ['PATH']}", "CALLS": str(folder / "calls")}


def until_it_trains(process: "subprocess.Popen[bytes]", log: Path) -> None:
    until(lambda: log.is_file() and log.read_text().count("\n") >= 20, process)


def last(folder: Path) -> dict[str, torch.Tensor]:
    return torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"]


def children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in found.split()]


def to_the_first(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)


def to_all(process: "subprocess.Popen[bytes]") -> None:
    os.killpg(process.pid, signal.SIGINT)


@pytest.mark.slow
@pytest.mark.parametrize("several", [[], ["trainer=ddp"]], ids=["one process", "two"])
@pytest.mark.parametrize(("send", "code", "name"), [(to_the_first, 143, "SIGTERM"), (to_all, 130, "SIGINT")])
def test_a_run_that_is_stopped_saves_and_goes_on_to_the_same_end(
    send: Callable[..., None], code: int, name: str, several: list[str], tmp_path: Path, identical: Callable[..., bool]
) -> None:
    arguments = [*several, *(["trainer.accelerator=cpu"] if several else [])]
    whole = train(tmp_path, "whole", *arguments)
    assert whole.wait(PATIENCE) == 0
    process = train(tmp_path, "cut", *arguments)
    until_it_trains(process, tmp_path / "cut" / "metrics.csv")
    ranks = children(process.pid)
    assert len(ranks) == len(several)
    send(process)
    assert process.wait(PATIENCE) == code
    assert not [rank for rank in ranks if Path(f"/proc/{rank}").exists()]
    status = json.loads((tmp_path / "cut" / "status.json").read_text())
    assert status["state"] == "interrupted" and status["reason"].startswith(f"{name} at iteration ")
    assert start(tmp_path, f"resume={tmp_path / 'cut'}").wait(PATIENCE) == 0
    assert identical(last(tmp_path / "cut"), last(tmp_path / "whole"))
    rows = [(tmp_path / run / "metrics.csv").read_text() for run in ("cut", "whole")]
    assert rows[0] == rows[1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cut", "whole"]


TWO = ["trainer=ddp", "trainer.accelerator=cpu", "trainer.max_steps=100000"]


def processes(folder: Path) -> set[int]:
    """All that are there with a path of this folder on their command line."""
    found = set()
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if str(folder) in (place / "cmdline").read_bytes().decode():  # a zombie has none
                found.add(int(place.name))
        except OSError:
            pass
    return found


def until_there_are_two(process: "subprocess.Popen[bytes]", folder: Path) -> int:
    """The further rank's process id, from the moment on at which it runs what it was started for."""
    while process.poll() is None:
        others = processes(folder) - {process.pid}
        if others and all(b"gan_lightning.worker" in Path(f"/proc/{pid}/cmdline").read_bytes() for pid in others):
            return others.pop()
        time.sleep(0.01)
    raise AssertionError(f"it ended with {process.returncode}")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
@pytest.mark.parametrize("to", ["first", "group", "other"])
def test_two_processes_that_are_stopped_save_and_leave_none_behind(name: str, to: str, tmp_path: Path) -> None:
    number = signal.Signals[name]
    process = train(tmp_path, "run", *TWO)
    until_it_trains(process, tmp_path / "run" / "metrics.csv")
    other = until_there_are_two(process, tmp_path)
    os.kill({"first": process.pid, "group": -process.pid, "other": other}[to], number)
    assert process.wait(60) == 128 + number
    assert processes(tmp_path) == set()
    status = json.loads((tmp_path / "run" / "status.json").read_text())
    step = torch.load(tmp_path / "run" / "checkpoints" / "last.ckpt", weights_only=True)["global_step"]
    assert (status["state"], status["reason"]) == ("interrupted", f"{name} at iteration {step}")
    assert [flaw(path) for path in (tmp_path / "run" / "checkpoints").glob("*.ckpt")] == [None, None]  # last, numbered


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "to_the_first", "code", "state", "reason"),
    [
        ("SIGTERM", True, 143, "interrupted", "SIGTERM, nothing saved"),
        ("SIGINT", True, 130, "interrupted", "SIGINT, nothing saved"),
        ("SIGTERM", False, 1, "failed", "rank 1 failed: killed by SIGTERM"),
        ("SIGINT", False, 1, "failed", "rank 1 failed: killed by SIGINT"),
    ],
)
def test_a_signal_while_the_second_process_starts_ends_both(
    name: str, to_the_first: bool, code: int, state: str, reason: str, tmp_path: Path
) -> None:
    process = train(tmp_path, "run", *TWO)
    other = until_there_are_two(process, tmp_path)
    time.sleep(0.5)
    os.kill(process.pid if to_the_first else other, signal.Signals[name])
    assert process.wait(60) == code
    assert processes(tmp_path) == set()
    status = json.loads((tmp_path / "run" / "status.json").read_text())
    assert (status["state"], status["reason"]) == (state, reason)
    assert said(process) == [f"gan_lightning: {'stopped by ' * to_the_first}{reason}"]


@pytest.mark.slow
def test_ranks_do_not_outlive_the_first(tmp_path: Path) -> None:
    process = train(tmp_path, "run", "trainer=ddp", "trainer.accelerator=cpu", "trainer.max_steps=100000")
    until_it_trains(process, tmp_path / "run" / "metrics.csv")
    (rank,) = children(process.pid)
    process.kill()
    process.wait()
    deadline = time.monotonic() + 30
    while Path(f"/proc/{rank}").exists():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.slow
def test_slurms_warning_saves_and_requeues_and_the_job_goes_on(
    tmp_path: Path, slurm: dict[str, str], identical: Callable[..., bool]
) -> None:
    assert train(tmp_path, "whole", SHORT).wait(PATIENCE) == 0
    process = train(tmp_path, "cut", SHORT, **slurm)
    until_it_trains(process, tmp_path / "cut" / "metrics.csv")
    process.send_signal(signal.SIGUSR1)
    assert process.wait(PATIENCE) == 138
    first, second = said(process)
    assert first.startswith("gan_lightning: stopped by SIGUSR1 at iteration ") and first.endswith("/cut goes on")
    assert second == "gan_lightning: job 77 is requeued" and Path(slurm["CALLS"]).read_text() == "requeue 77\n"
    assert state(tmp_path / "cut")[0] == "interrupted"
    assert start(tmp_path, f"resume={tmp_path / 'cut'}", **slurm).wait(PATIENCE) == 0
    assert identical(last(tmp_path / "cut"), last(tmp_path / "whole"))


@pytest.mark.slow
def test_a_second_ctrl_c_stops_at_once(tmp_path: Path) -> None:
    process = train(tmp_path, "run", LONG, "data.num_samples=6400", "model.n_critic=100")
    log = tmp_path / "run" / "metrics.csv"
    until(log.is_file, process)  # iterations of many critic steps: the signals arrive within one
    process.send_signal(signal.SIGINT)
    time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 130
    assert said(process) == ["gan_lightning: stopped by SIGINT, nothing saved"]
    assert state(tmp_path / "run") == ("interrupted", "SIGINT, nothing saved")


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGUSR1, 138)])
def test_a_signal_before_the_run_has_begun_leaves_nothing(
    tmp_path: Path, slurm: dict[str, str], number: int, code: int
) -> None:
    process = train(tmp_path, "run", LONG, **slurm)
    until((tmp_path / "run").is_dir, process)  # it loads its libraries now
    process.send_signal(number)
    assert process.wait(PATIENCE) == code
    first, *others = said(process)
    assert first == f"gan_lightning: stopped by {signal.Signals(number).name}, nothing saved"
    assert others == (["gan_lightning: job 77 is requeued"] if number == signal.SIGUSR1 else [])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_signal_before_the_first_iteration_is_told_and_the_same_command_begins_anew(tmp_path: Path) -> None:
    process = train(tmp_path, "run", SHORT)
    until((tmp_path / "run" / "status.json").is_file, process)
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 143
    assert state(tmp_path / "run")[0] == "interrupted"
    assert said(process)[0].startswith("gan_lightning: stopped by SIGTERM")
    shutil.rmtree(tmp_path / "run" / "checkpoints", ignore_errors=True)  # of an iteration that was quicker
    assert train(tmp_path, "run", SHORT).wait(PATIENCE) == 0
    with (tmp_path / "run" / "metrics.csv").open(newline="") as file:
        assert [row["step"] for row in csv.DictReader(file)] == [str(step) for step in range(1, 101)]


@pytest.mark.slow
@pytest.mark.parametrize("to", [os.kill, os.killpg], ids=["to the sweep", "to all of its processes"])
def test_slurms_warning_stops_a_sweep_which_is_requeued_and_goes_on(
    tmp_path: Path, slurm: dict[str, str], to: Callable[[int, int], None]
) -> None:
    sweep = tmp_path / "sweep"
    command = ["-m", *PARTS, "seed=0,1", "trainer.max_steps=200"]
    process = start(tmp_path, *command, f"hydra.sweep.dir={sweep}", **slurm)
    until_it_trains(process, sweep / "0_seed=0" / "metrics.csv")
    to(process.pid, signal.SIGUSR1)
    assert process.wait(PATIENCE) == 138
    first, second = said(process)
    assert first == "gan_lightning: stopped by SIGUSR1; sweep.resume=sweep behind the same command goes on"
    assert second == "gan_lightning: job 77 is requeued" and Path(slurm["CALLS"]).read_text() == "requeue 77\n"
    assert state(sweep / "0_seed=0")[1].startswith("SIGUSR1 at iteration ")
    assert (sweep / "0_seed=0" / "checkpoints" / "last.ckpt").is_file() and not (sweep / "1_seed=1").exists()
    assert start(tmp_path, *command, f"sweep.resume={sweep}", **slurm).wait(PATIENCE) == 0
    assert [state(sweep / name)[0] for name in ("0_seed=0", "1_seed=1")] == ["finished"] * 2
