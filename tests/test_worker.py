"""A further rank's process: it does not outlive the first one, whenever that dies."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gan_lightning import worker

CHECKOUT = Path(__file__).resolve().parent.parent
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(CHECKOUT)}


class Ended(BaseException):
    """Instead of the process."""


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> None:
    def end(code: int) -> None:
        raise Ended(code)

    monkeypatch.setattr("gan_lightning.worker.os._exit", end)
    monkeypatch.setattr(worker, "_GLANCE", 0)


def parents(monkeypatch: pytest.MonkeyPatch, *pids: int) -> list[int]:
    left = list(pids)
    monkeypatch.setattr("gan_lightning.worker.os.getppid", lambda: left.pop(0))
    return left


def test_it_ends_when_its_parent_is_another_one(monkeypatch: pytest.MonkeyPatch, ends: None):
    left = parents(monkeypatch, 70, 70, 1, 1)
    with pytest.raises(Ended, match="^1$"):
        worker._end_with(70)
    assert left == [1]


def test_it_ends_at_once_where_its_parent_was_gone_before_it_looked(monkeypatch: pytest.MonkeyPatch, ends: None):
    left = parents(monkeypatch, 1, 1)
    with pytest.raises(Ended, match="^1$"):
        worker._end_with(70)
    assert left == [1]


HEAVY = """
import sys
from gan_lightning import worker
print(sorted({"torch", "lightning", "omegaconf"} & set(sys.modules)))
"""


def test_it_follows_its_parent_before_anything_else_is_imported():
    done = subprocess.run([sys.executable, "-c", HEAVY], env=ENVIRONMENT, capture_output=True, text=True, timeout=60)
    assert done.stdout == "[]\n", done.stderr


ORPHAN = """
import os, subprocess, sys
command = [sys.executable, "-m", "gan_lightning.worker", sys.argv[1], str(os.getpid())]
print(subprocess.Popen(command, stdout=subprocess.DEVNULL).pid, flush=True)
os.kill(os.getpid(), 9)
"""


def alive(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.mark.slow
def test_it_ends_where_the_first_rank_is_killed_while_it_starts(tmp_path: Path):
    os.mkfifo(tmp_path / "config.yaml")
    done = subprocess.run(
        [sys.executable, "-c", ORPHAN, str(tmp_path / "config.yaml")],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
    )
    assert done.returncode == -signal.SIGKILL
    deadline = time.monotonic() + 20
    while alive(int(done.stdout)):  # for ever, where it looks too late: nobody writes its config
        assert time.monotonic() < deadline
        time.sleep(0.1)
