"""Further ranks of a run: what one that fails says reaches the first one, and none is left behind."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gan_lightning.errors import GoBack, RankFailed, UsageError
from gan_lightning.others import GLANCE
from gan_lightning.ranks import Ranks, leave_reason
from gan_lightning.runs.status import read_status

CHECKOUT = Path(__file__).resolve().parent.parent
WAITS = "import time; time.sleep(10)"


def ranks(folder: Path, *scripts: str) -> Ranks:
    """Ranks that run these scripts instead of the game."""
    made = Ranks(folder / "config.yaml")
    made._processes = [subprocess.Popen([sys.executable, "-c", script]) for script in scripts]
    return made


def ended(made: Ranks, rank: int) -> None:
    made._processes[rank - 1].wait(20)


def test_an_error_that_came_of_another_ranks_is_told_as_that(tmp_path: Path):
    leave_reason(tmp_path, 2, ValueError("no  such\nthing"))
    made = ranks(tmp_path, WAITS, "exit(1)")
    ended(made, 2)
    with pytest.raises(RankFailed, match="^rank 2 failed: ValueError: no such thing$"), made.explained(GLANCE):
        raise RuntimeError("connection closed by peer")
    assert "ValueError: no  such\nthing" in (tmp_path / "rank2_error.txt").read_text()
    made.end(0)


def test_of_several_the_first_to_say_so_is_named(tmp_path: Path):
    for rank, age in ((1, 10), (2, 20)):
        leave_reason(tmp_path, rank, ValueError(f"of {rank}"))
        os.utime(tmp_path / f"rank{rank}_error.txt", (time.time() - age,) * 2)
    made = ranks(tmp_path, "exit(1)", "exit(1)", "exit(7)")
    for rank in (1, 2, 3):
        ended(made, rank)
    with pytest.raises(RankFailed, match="^rank 2 failed: ValueError: of 2$"), made.explained(GLANCE):
        raise RuntimeError("connection closed by peer")


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("exit(3)", "its process ended with exit code 3"),
        ("import os; os.kill(os.getpid(), 9)", "killed by SIGKILL, out of memory perhaps"),
    ],
)
def test_a_rank_that_said_nothing_is_known_by_its_end(tmp_path: Path, script: str, words: str):
    made = ranks(tmp_path, script)
    ended(made, 1)
    with pytest.raises(RankFailed, match=f"^rank 1 failed: {words}$"), made.explained(GLANCE):
        raise RuntimeError("connection closed by peer")


@pytest.mark.parametrize(
    "error", [UsageError("lower it"), GoBack(Path("a.ckpt"))], ids=lambda error: type(error).__name__
)
def test_what_this_rank_says_of_its_own_is_left_alone(tmp_path: Path, error: Exception):
    made = ranks(tmp_path, "exit(1)")
    ended(made, 1)
    with pytest.raises(type(error)), made.explained(GLANCE):
        raise error


def test_an_error_while_the_others_are_well_is_this_ranks(tmp_path: Path):
    made = ranks(tmp_path, WAITS)
    with pytest.raises(ValueError, match="^mine$"), made.explained(GLANCE):
        raise ValueError("mine")
    made.end(0)
    assert made._processes == []


def test_what_does_not_end_by_itself_is_killed(tmp_path: Path):
    made = ranks(tmp_path, "import time; time.sleep(3)", "")
    patient, done = made._processes
    done.wait(20)
    made.end(0)
    assert (patient.returncode, done.returncode) == (-signal.SIGKILL, 0)
    assert made._processes == []


HANGS = """
import subprocess, sys, time
from pathlib import Path
from gan_lightning import others
from gan_lightning.ranks import Ranks
from gan_lightning.runs.status import begun, write_status
others.GLANCE = 0.05
made = Ranks(Path(sys.argv[1]) / "config.yaml")
made.patience = 0.2
write_status(made.folder, begun([]))
late = f"import time; time.sleep(5); open({str(made.config.parent / 'late')!r}, 'w')"
scripts = "exit(3)", late
made._processes = [subprocess.Popen([sys.executable, "-c", script]) for script in scripts]
print(made._processes[1].pid, flush=True)
with made.watched():
    time.sleep(30)
"""


def test_a_rank_that_hangs_where_another_is_missing_ends_with_the_reason_and_with_the_others(tmp_path: Path):
    call = [sys.executable, "-c", HANGS, str(tmp_path)]
    done = subprocess.run(
        call, env=os.environ | {"PYTHONPATH": str(CHECKOUT)}, capture_output=True, text=True, timeout=40
    )
    assert done.returncode == 1
    assert done.stderr == "gan_lightning: rank 1 failed: its process ended with exit code 3\n"
    status = read_status(tmp_path)
    assert status is not None
    assert (status.state, status.reason) == ("failed", "rank 1 failed: its process ended with exit code 3")
    with pytest.raises(ProcessLookupError):
        os.kill(int(done.stdout), 0)
    assert not (tmp_path / "late").exists()  # killed, not waited for


BREAKS = """
import os
if os.environ.get("LOCAL_RANK") == "1":
    if os.environ["HOW"] == "early":
        os._exit(3)
    from gan_lightning import noise
    true = noise.mix
    def mix(*keys):
        if len(keys) > 2 and keys[2] == 5:
            if os.environ["HOW"] == "kill":
                os.kill(os.getpid(), 9)
            raise ValueError("no more")
        return true(*keys)
    noise.mix = mix
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("raise", "ValueError: no more"),
        ("kill", "killed by SIGKILL, out of memory perhaps"),
        ("early", "its process ended with exit code 3"),
    ],
)
def test_a_run_ends_with_the_reason_of_the_rank_that_failed(how: str, words: str, tmp_path: Path):
    (tmp_path / "sitecustomize.py").write_text(BREAKS)
    run = tmp_path / "run"
    small = ["network.generator.width=8", "network.discriminator.width=8", "data.num_samples=2560", "every=10"]
    game = ["trainer=ddp", "trainer.accelerator=cpu", "trainer.max_steps=20", "data.batch_size=16", "metrics=[]"]
    environment = {"HOW": how, "OMP_NUM_THREADS": "1", "PYTHONPATH": f"{tmp_path}{os.pathsep}{CHECKOUT}"}
    done = subprocess.run(
        [sys.executable, "-m", "gan_lightning", *game, *small, f"hydra.run.dir={run}"],
        cwd=tmp_path,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 1
    assert done.stderr == f"gan_lightning: rank 1 failed: {words}\n"
    status = json.loads((run / "status.json").read_text())
    assert (status["state"], status["reason"]) == ("failed", f"rank 1 failed: {words}")
