"""Ranks that srun has started: what one fails of ends all of them, in one line, and nothing is left lying about."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gan_lightning import company
from gan_lightning.company import Company, announce
from gan_lightning.errors import Diverged, RankFailed, UsageError
from gan_lightning.interruption import Interrupted
from gan_lightning.runs.status import begun, read_status, write_status

CHECKOUT = Path(__file__).resolve().parent.parent
MISTAKE = UsageError("the data are missing: get them")
GONE = "rank 1 failed: its process is gone without a word, killed or out of memory perhaps"

Enter = Callable[..., Company]


@pytest.fixture
def enter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Enter]:
    """Has a rank of so many come, all of them in this process, as their locks don't mind."""
    monkeypatch.setattr(company, "_LINGER", 0.3)
    monkeypatch.setattr("gan_lightning.others.GLANCE", 0.01)
    for name in [name for name in os.environ if name.startswith(("SLURM_", "TORCHELASTIC_"))]:
        monkeypatch.delenv(name)

    came: list[Company] = []

    def come(rank: int, ranks: int = 2, under: str = "srun") -> Company:
        names = {"srun": ("SLURM_JOB_ID", "SLURM_PROCID", "SLURM_NTASKS")}
        names["torchrun"] = ("TORCHELASTIC_RUN_ID", "RANK", "WORLD_SIZE")
        for name, value in zip(names[under], (42, rank, ranks), strict=True):
            monkeypatch.setenv(name, str(value))
        came.append(Company(tmp_path, begun([])))
        return came[-1]

    yield come
    for one in came:
        one._held.close()


def killed(one: Company) -> None:
    """What is left of a rank that is killed: the file, without the lock."""
    one._held.close()


def test_while_all_are_well_there_is_nothing_to_say_and_nothing_is_left(enter: Enter, tmp_path: Path):
    first, second = enter(0), enter(1)
    assert (first.look(), second.look()) == (None, None)
    with pytest.raises(ValueError, match="^mine$"), first.explained(0):
        raise ValueError("mine")
    second.leave()
    assert first.look() is None
    first.leave()
    assert list(tmp_path.iterdir()) == []


def test_what_one_rank_fails_of_is_told_by_the_others_as_that(enter: Enter, tmp_path: Path):
    first, second, third = (enter(rank, 3) for rank in range(3))
    with pytest.raises(KeyError), second.together():
        raise KeyError("no such thing")
    for other in (first, third):
        with pytest.raises(RankFailed, match="^rank 1 failed: KeyError: 'no such thing'$"), other.together():
            raise RuntimeError("connection closed by peer")
    assert [path.name for path in tmp_path.iterdir()] == ["rank1_error.txt"]
    assert "raise KeyError" in (tmp_path / "rank1_error.txt").read_text()


def test_the_first_one_to_fail_is_named(enter: Enter):
    first, second, third = (enter(rank, 3) for rank in range(3))
    for one, age in ((second, 10), (third, 20)):
        one.tell(one.rank, f"of {one.rank}")
        os.utime(one.place / f"rank{one.rank}.txt", (time.time() - age,) * 2)
    assert first.look() == "rank 2 failed: of 2"


@pytest.mark.parametrize("error", [Diverged("nan"), Interrupted(signal.SIGTERM, 7), RankFailed("rank 1 failed: it")])
def test_what_all_agreed_on_or_know_is_no_failure_of_this_rank(error: BaseException, enter: Enter):
    first, second = enter(0), enter(1)
    with pytest.raises(type(error)), second.together():
        raise error
    assert first.look() is None


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (MISTAKE, str(MISTAKE)),
        (Interrupted(signal.SIGTERM, None), "stopped by SIGTERM, nothing saved"),
        (KeyboardInterrupt(), "stopped by SIGINT"),
    ],
)
def test_a_mistake_or_a_stop_of_one_rank_alone_reaches_the_others(error: BaseException, told: str, enter: Enter):
    first, second = enter(0), enter(1)
    with pytest.raises(type(error)), second.together():
        raise error
    assert first.look() == f"rank 1 failed: {told}"
    assert not (first.folder / "rank1_error.txt").exists()


def test_a_rank_that_is_killed_is_named_and_what_it_left_is_taken_away(enter: Enter, tmp_path: Path):
    first, second = enter(0), enter(1)
    killed(second)
    assert first.look() == GONE
    first.leave()
    assert list(tmp_path.iterdir()) == []


def test_one_of_another_machine_is_taken_for_dead_when_it_is_silent_for_long(enter: Enter):
    first, second = enter(0), enter(1)
    killed(second)
    (second.place / "rank1").write_text("another machine")
    looks = company._BEAT * company._SILENCE
    assert {first.look() for _ in range(looks)} == {None}
    os.utime(second.place / "rank1")
    assert {first.look() for _ in range(looks)} == {None}
    assert [first.look() for _ in range(company._BEAT)][-1] == GONE


def test_each_rank_touches_its_file(enter: Enter):
    first = enter(0)
    os.utime(first.place / "rank0", (1, 1))
    for _ in range(company._BEAT):
        first.look()
    assert (first.place / "rank0").stat().st_mtime > 1


def test_a_mistake_that_all_make_leaves_nothing(enter: Enter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(company, "_LINGER", 1_000)  # seconds, which they don't wait
    enter(0).leave()
    folder = tmp_path / "above" / "run"
    threads = []
    for rank in (0, 1):
        monkeypatch.setenv("SLURM_PROCID", str(rank))
        threads.append(threading.Thread(target=announce, args=(folder, MISTAKE), daemon=True))
        threads[-1].start()
        while not any(folder.glob(f"*/rank{rank}.txt")) and threads[-1].is_alive():
            time.sleep(0.001)
    for thread in threads:
        thread.join(timeout=100)
    assert not any(thread.is_alive() for thread in threads)
    assert list(tmp_path.glob("above/*")) == []


def test_a_mistake_of_one_alone_waits_for_those_that_come_late(enter: Enter, tmp_path: Path):
    enter(1)
    announce(tmp_path, MISTAKE)
    assert enter(0).look() == f"rank 1 failed: {MISTAKE}"


def test_a_mistake_that_takes_the_folder_away_reaches_the_others_too(enter: Enter, tmp_path: Path):
    first, second = enter(0), enter(1)
    with pytest.raises(UsageError), second.together():
        shutil.rmtree(tmp_path)
        raise MISTAKE
    assert first.look() == f"rank 1 failed: {MISTAKE}"
    first.leave()
    assert list(tmp_path.iterdir()) == []


def test_torchrun_may_give_a_name_again_so_what_is_old_is_believed_late(enter: Enter, monkeypatch: pytest.MonkeyPatch):
    enter(1, under="torchrun").tell(1, "long ago")
    first = enter(0, under="torchrun")
    assert first.look() is None
    monkeypatch.setattr(company, "_SETTLED", 0)
    assert first.look() == "rank 1 failed: long ago"
    enter(1, under="torchrun")  # takes back what its forerunner said
    assert first.look() is None


@pytest.mark.parametrize(
    ("state", "of_another", "after"),
    [(None, 0, "failed"), ("running", 0, "failed"), ("running", 1, "running"), ("finished", 0, "finished")],
)
def test_the_first_rank_records_a_failure_of_its_own_run(state: str | None, of_another: int, after: str, enter: Enter):
    first = enter(0)
    if state is not None:
        write_status(first.folder, replace(begun([]), state=state, pid=os.getpid() + of_another))
    first.record("rank 1 failed: it")
    status = read_status(first.folder)
    assert status is not None and status.state == after


def test_no_other_rank_records_anything(enter: Enter):
    second = enter(1)
    second.record("rank 0 failed: it")
    assert read_status(second.folder) is None


SMALL = [
    "network.generator.width=8",
    "network.discriminator.width=8",
    "trainer.accelerator=cpu",
    "threads=1",
    "every=20",
]
GAME = [*SMALL, "metrics=[]", "data.batch_size=16", "~callbacks.samples", "trainer=ddp", "trainer.max_steps=1000000"]


def srun(folder: Path, port: int, rank: int, *arguments: str) -> "subprocess.Popen[str]":
    """One of two tasks as srun starts them, on this machine."""
    task = {"PROCID": rank, "LOCALID": rank, "NTASKS": 2, "NTASKS_PER_NODE": 2, "NNODES": 1, "NODEID": 0}
    job = {"JOB_ID": 42, "JOB_NAME": "gan", "NODELIST": "localhost", "JOB_NODELIST": "localhost"}
    slurm = {f"SLURM_{name}": str(value) for name, value in (task | job).items()}
    meeting = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    return subprocess.Popen(
        [sys.executable, "-m", "gan_lightning", *GAME, f"hydra.run.dir={folder / 'run'}", *arguments],
        cwd=folder,
        env=os.environ | slurm | meeting | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(CHECKOUT)},
        stderr=subprocess.PIPE,
        text=True,
    )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


@pytest.mark.slow
def test_a_mistake_of_one_task_ends_all_with_its_reason(tmp_path: Path):
    port = free_port()
    tasks = [srun(tmp_path, port, 0), srun(tmp_path, port, 1, "data.num_samples=10")]
    said = [task.communicate(timeout=120)[1] for task in tasks]
    assert [task.returncode for task in tasks] == [1, 2]
    mistake = said[1].removeprefix("gan_lightning: ")
    assert mistake.startswith("the data has 10 samples") and mistake.count("\n") == 1
    assert said[0] == f"gan_lightning: rank 1 failed: {mistake}"
    status = read_status(tmp_path / "run")
    assert status is not None and (status.state, status.reason) == ("failed", f"rank 1 failed: {mistake.strip()}")
    assert not list((tmp_path / "run").glob("rank*"))


@pytest.mark.slow
def test_a_mistake_of_all_tasks_leaves_nothing(tmp_path: Path):
    port = free_port()
    tasks = [srun(tmp_path, port, rank, "data.num_samples=10") for rank in (0, 1)]
    said = {task.communicate(timeout=120)[1] for task in tasks}
    assert [task.returncode for task in tasks] == [2, 2]
    assert len(said) == 1 and list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("victim", [0, 1])
def test_where_one_task_is_killed_the_other_says_which_and_how_to_go_on(victim: int, tmp_path: Path):
    port = free_port()
    tasks = [srun(tmp_path, port, rank) for rank in (0, 1)]
    run = tmp_path / "run"
    while not (run / "checkpoints" / "last.ckpt").exists():
        assert [task.poll() for task in tasks] == [None, None]
        time.sleep(0.1)
    tasks[victim].kill()
    said = tasks[1 - victim].communicate(timeout=60)[1]
    assert tasks[1 - victim].returncode == 1
    gone = GONE.replace("rank 1", f"rank {victim}")
    assert said == f"gan_lightning: {gone}; resume={run} goes on\n"
    tasks[victim].communicate()
    status = json.loads((run / "status.json").read_text())
    assert (status["state"], status["reason"]) == (("failed", gone) if victim else ("running", None))
    assert not list(run.glob("rank*"))
