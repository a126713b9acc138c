"""Two processes on the CPU whose numbers break, and runs that go on with another number of processes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

CHECKOUT = Path(__file__).resolve().parent.parent
SMALL = ["network.generator.width=8", "network.discriminator.width=8", "data.num_samples=640", "data.batch_size=16"]
GAME = [*SMALL, "trainer=ddp", "trainer.accelerator=cpu", "metrics=[]", "~callbacks.samples", "every=10", "threads=1"]

HOOKS = """
import hashlib, os, sys
from pathlib import Path

def note(what):
    with Path(f"rank{os.environ.get('LOCAL_RANK', '0')}").open("a") as file:
        print(what, file=file)

if any("gan_lightning" in word for word in sys.orig_argv):
    from gan_lightning import errors, losses, train

    def diverged(self, told):
        note(told)
        Exception.__init__(self, told)

    def go_back(self, checkpoint):
        note(checkpoint.name)
        self.checkpoint = checkpoint

    errors.Diverged.__init__, errors.GoBack.__init__ = diverged, go_back
    compute, calls = losses.NonSaturating.discriminator, []

    def discriminator(self, critique):
        calls.append(1)
        bad = "BAD" in os.environ and os.environ["LOCAL_RANK"] == "1" and len(calls) == 13
        return compute(self, critique) * (float("nan") if bad else 1)

    fit = train.fit

    def play(parts):
        seconds = fit(parts)
        state = b"".join(value.numpy().tobytes() for value in parts.model.state_dict().values())
        note(hashlib.sha256(state).hexdigest())
        return seconds

    losses.NonSaturating.discriminator, train.fit = discriminator, play
"""


def command(folder: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    path = f"{folder}{os.pathsep}{CHECKOUT}"
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": path} | environment
    call = [sys.executable, "-m", "gan_lightning", *arguments]
    return subprocess.run(call, cwd=folder, env=environment, capture_output=True, text=True, timeout=400)


def status(run: Path) -> tuple[str, str | None]:
    told = json.loads((run / "status.json").read_text())
    return told["state"], told["reason"]


@pytest.mark.slow
def test_a_bad_number_of_the_second_process_stops_both_with_the_same_line(tmp_path: Path):
    (tmp_path / "sitecustomize.py").write_text(HOOKS)
    run = tmp_path / "run"
    done = command(tmp_path, *GAME, "guard.every=5", "trainer.max_steps=40", f"hydra.run.dir={run}", BAD="1")
    assert done.returncode == 1
    told = done.stderr.removeprefix("gan_lightning: ")
    assert told.startswith("iteration 13: loss/discriminator is not finite (nan); ") and told.count("\n") == 1
    assert [(tmp_path / f"rank{rank}").read_text() for rank in (0, 1)] == [told, told]
    assert status(run) == ("diverged", told.strip())
    assert torch.load(run / "checkpoints" / "last.ckpt", weights_only=True)["global_step"] == 10
    assert not list(run.glob("rank*"))


@pytest.mark.slow
def test_a_rollback_takes_both_back_and_they_end_equal(tmp_path: Path):
    (tmp_path / "sitecustomize.py").write_text(HOOKS)
    run = tmp_path / "run"
    rollback = ["guard.every=5", "guard.action=rollback", "trainer.max_steps=40", f"hydra.run.dir={run}"]
    done = command(tmp_path, *GAME, *rollback, BAD="1")
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("gan_lightning: iteration 13: loss/discriminator is not finite (nan); going back to ")
    first, second = ((tmp_path / f"rank{rank}").read_text().splitlines() for rank in (0, 1))
    assert first[0] == "00000010.ckpt" and len(first) == 2
    assert first == second
    assert status(run) == ("finished", None)


@pytest.mark.slow
@pytest.mark.parametrize(("before", "after"), [(2, 1), (1, 2)])
def test_a_run_goes_on_with_another_number_of_processes(before: int, after: int, tmp_path: Path):
    """The checkpoint is in the middle of an epoch, behind the end of one of two processes."""
    (tmp_path / "sitecustomize.py").write_text(HOOKS)
    run = tmp_path / "run"
    done = command(tmp_path, *GAME, f"trainer.devices={before}", "trainer.max_steps=30", f"hydra.run.dir={run}")
    assert done.returncode == 0, done.stderr
    done = command(tmp_path, f"resume={run}", f"trainer.devices={after}", "trainer.max_steps=50")
    assert done.returncode == 0, done.stderr
    change = f"the checkpoint's processes is {before}, this run's {after}: the run goes on with other noise and, "
    order = "unless data.batch_size makes up for it, samples in another order than it would have had"
    said = {line for line in done.stderr.splitlines() if not line.startswith("iteration ")}
    assert said == {f"gan_lightning: {change}{order}"}
    checkpoint = torch.load(run / "checkpoints" / "last.ckpt", weights_only=True)
    assert (checkpoint["global_step"], checkpoint["game"]["processes"]) == (50, after)
    ends = {(tmp_path / f"rank{rank}").read_text().splitlines()[-1] for rank in range(after)}
    assert len(ends) == 1
