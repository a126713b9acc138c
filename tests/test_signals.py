"""Signals to a whole command line, and what `resume=` makes of it; two processes among them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
import torch

from gan_lightning.runs.sidecar import flaw

CHECKOUT = Path(__file__).resolve().parent.parent
SMALL = ["network.generator.width=8", "network.discriminator.width=8", "data.num_samples=640", "data.batch_size=8"]
QUIET = ["callbacks.checkpoint.every_n_iterations=1000", "~callbacks.samples", "~callbacks.curves", "metrics=[]"]
LOGGED = ["~callbacks.animation", "~logger.tensorboard", "trainer.log_every_n_steps=1", "trainer.max_steps=300"]
MAIN = (  # a test's own parent may have had SIGINT ignored
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler);"
    "from gan_lightning.app import main; sys.exit(main())"
)


def start(folder: Path, *arguments: str, errors: Path | None = None) -> "subprocess.Popen[bytes]":
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(CHECKOUT)}
    call = [sys.executable, "-c", MAIN, *arguments]
    with nullcontext() if errors is None else errors.open("w") as stderr:
        return subprocess.Popen(call, cwd=folder, env=environment, start_new_session=True, stderr=stderr)


def train(folder: Path, name: str, *arguments: str, errors: Path | None = None) -> "subprocess.Popen[bytes]":
    parts = ["model=wgan_gp", "trainer.accelerator=cpu", "threads=1", *SMALL, *QUIET, *LOGGED]
    return start(folder, *parts, *arguments, f"hydra.run.dir={folder / name}", errors=errors)


def until_it_trains(process: "subprocess.Popen[bytes]", log: Path) -> None:
    while not log.is_file() or log.read_text().count("\n") < 20:
        assert process.poll() is None
        time.sleep(0.01)


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
    assert whole.wait(120) == 0
    process = train(tmp_path, "cut", *arguments)
    until_it_trains(process, tmp_path / "cut" / "metrics.csv")
    ranks = children(process.pid)
    assert len(ranks) == len(several)
    send(process)
    assert process.wait(60) == code
    assert not [rank for rank in ranks if Path(f"/proc/{rank}").exists()]
    status = json.loads((tmp_path / "cut" / "status.json").read_text())
    assert status["state"] == "interrupted" and status["reason"].startswith(f"{name} at iteration ")
    assert start(tmp_path, f"resume={tmp_path / 'cut'}").wait(120) == 0
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
    process = train(tmp_path, "run", *TWO, errors=tmp_path / "errors")
    other = until_there_are_two(process, tmp_path)
    time.sleep(0.5)
    os.kill(process.pid if to_the_first else other, signal.Signals[name])
    assert process.wait(60) == code
    assert processes(tmp_path) == set()
    status = json.loads((tmp_path / "run" / "status.json").read_text())
    assert (status["state"], status["reason"]) == (state, reason)
    said = (tmp_path / "errors").read_text()
    assert said == f"gan_lightning: {'stopped by ' * to_the_first}{reason}\n"


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
