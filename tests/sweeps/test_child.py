"""A job's own process: what it leaves when it ends by itself, and when it is ended."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from gan_lightning.runs.status import begun, read_status, write_status
from gan_lightning.sweeps.child import _ended

CHECKOUT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize(
    ("exitcode", "reason"),
    [
        (-9, "killed by SIGKILL, out of memory perhaps"),
        (-11, "killed by SIGSEGV"),
        (7, "its process ended with exit code 7"),
    ],
)
def test_a_job_that_could_not_say_how_it_ended_has_failed(tmp_path: Path, exitcode: int, reason: str) -> None:
    status = begun([])
    write_status(tmp_path, status)
    assert _ended(tmp_path, status, exitcode).reason == reason
    left = read_status(tmp_path)
    assert left is not None and (left.state, left.reason) == ("failed", reason)


def test_a_job_that_said_how_it_ended_is_believed(tmp_path: Path) -> None:
    status = begun([])
    write_status(tmp_path, status.ended("diverged", "why"))
    assert _ended(tmp_path, status, -9).state == "diverged"


def test_a_job_dies_with_the_process_that_waits_for_it(tmp_path: Path) -> None:
    """The waiting process is killed with SIGKILL, which it can do nothing about."""
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(
            """
            import multiprocessing, os, sys, time
            from pathlib import Path
            from gan_lightning.sweeps.child import _die_with_the_sweep

            def work(folder):
                _die_with_the_sweep()
                Path(folder, "pid").write_text(str(os.getpid()))
                time.sleep(60)

            if __name__ == "__main__":
                process = multiprocessing.get_context("forkserver").Process(target=work, args=(sys.argv[1],))
                process.start()
                process.join()
            """
        )
    )
    environment = os.environ | {"PYTHONPATH": str(CHECKOUT)}
    waiting = subprocess.Popen([sys.executable, str(script), str(tmp_path)], env=environment)
    pid = _appears(tmp_path / "pid")
    waiting.send_signal(signal.SIGKILL)
    waiting.wait()
    for _ in range(100):
        if not Path(f"/proc/{pid}").exists():
            return
        time.sleep(0.1)
    pytest.fail("the job lives on")


def _appears(path: Path) -> int:
    for _ in range(300):
        if path.is_file() and (text := path.read_text()):
            return int(text)
        time.sleep(0.1)
    pytest.fail(f"{path.name} was never written")
