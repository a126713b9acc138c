"""When a run has diverged."""

import errno
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from omegaconf import DictConfig, OmegaConf

import gan_lightning.launch as launch
from gan_lightning.errors import Diverged, UsageError
from gan_lightning.execution import divergence, execute
from gan_lightning.others import Nobody
from gan_lightning.runs.lock import alone
from gan_lightning.runs.status import Status, begun, read_status
from gan_lightning.sweeps.child import work


def write(folder: Path, *values: tuple[int, float | None]) -> None:
    record = {"name": "share9", "weights": "ema", "spread": None, "repeats": 1, "floor": None, "floor_n": None, "n": 9}
    lines = [record | {"value": value, "step": step} for step, value in values]
    (folder / "metrics.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n")


def test_finite_weights_and_figures_have_not_diverged(tmp_path: Path) -> None:
    assert divergence(torch.nn.Linear(2, 2), tmp_path) is None  # nothing was measured
    write(tmp_path, (0, None), (10, 0.5))  # it has recovered
    assert divergence(torch.nn.Linear(2, 2), tmp_path) is None


def test_a_last_figure_that_is_not_finite_is_named(tmp_path: Path) -> None:
    write(tmp_path, (0, 0.5), (10, None))
    with (tmp_path / "metrics.jsonl").open("ab") as file:
        file.write(b'{"step": 10}\n\xff\xfe\0\n')  # no records
    assert divergence(torch.nn.Linear(2, 2), tmp_path) == "ema/share9 is not finite"


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_named(tmp_path: Path, value: float) -> None:
    layer = torch.nn.Linear(2, 2)
    with torch.no_grad():
        layer.bias[1] = value
    assert divergence(layer, tmp_path) == "the weights are not finite, bias first"


def test_weights_that_are_finite_and_absurd_are_named(tmp_path: Path) -> None:
    layer = torch.nn.Linear(2, 2)
    with torch.no_grad():
        layer.bias[1] = -3e27
    assert divergence(layer, tmp_path) == "the weights have grown without bound, bias to 3e+27"


FAST = ["data.batch_size=8", "data.num_samples=64", "trainer.max_steps=6", "threads=1", "guard.every=2"]
WATCHED = ["~callbacks.samples", "~callbacks.hparams", "~callbacks.evaluation", "~callbacks.progress", "trainer=cpu"]


@pytest.fixture
def exploding(composed: Callable[..., DictConfig], tmp_path: Path) -> DictConfig:
    """A run whose generator's rate takes it beyond all numbers."""
    knobs = [*FAST, f"folder={tmp_path}", "optimizer.generator.lr=1e30"]
    return composed("model=gan", *WATCHED, "logger=none", "metrics=[]", knobs=knobs)


def test_a_run_that_the_guard_stops_has_diverged_with_the_reason(exploding: DictConfig, tmp_path: Path) -> None:
    with pytest.raises(Diverged) as caught:
        execute(exploding, begun([]), Nobody(tmp_path))
    status = read_status(tmp_path)
    assert status is not None and (status.state, status.reason) == ("diverged", str(caught.value))
    assert status.reason.startswith("iteration 2: loss/discriminator is not finite (")
    assert "lower optimizer.generator.lr or set guard.action=rollback" in status.reason


def test_so_has_a_job_of_a_sweep(exploding: DictConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gan_lightning.sweeps.child._die_with_the_sweep", lambda: None)
    plain = OmegaConf.to_container(exploding, resolve=True)
    with pytest.raises(SystemExit) as caught:
        work(plain, begun([]), None)  # type: ignore[arg-type]
    status = read_status(tmp_path)
    assert caught.value.code == 1 and status is not None and status.state == "diverged"
    assert not (tmp_path / "error.txt").exists()


def test_the_command_line_says_it_in_one_line_and_exits_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def diverge(config: DictConfig, status: Status, others: Nobody, made: list[Path]) -> str:
        raise Diverged("iteration 7: penalty/r1 is not finite (nan)")

    monkeypatch.setattr("gan_lightning.execution.execute", diverge)
    monkeypatch.setattr("sys.argv", ["gan_lightning", f"hydra.run.dir={tmp_path}"])
    with pytest.raises(SystemExit) as caught:
        launch.launch()
    assert caught.value.code == 1
    assert capsys.readouterr().err == "gan_lightning: iteration 7: penalty/r1 is not finite (nan)\n"


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def never(config: DictConfig) -> None:
    pytest.fail("it would be prepared")


def test_a_folder_in_use_and_another_runs_are_refused_before_anything_is_written(
    exploding: DictConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gan_lightning.train.prepare", never)
    (tmp_path / "config.yaml").write_text("seed: 1")
    with alone(tmp_path), pytest.raises(UsageError, match="in use by a process that trains there"):
        execute(exploding, begun([]), Nobody(tmp_path), [tmp_path])
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "00000020.ckpt").touch()
    exploding.ckpt_path = "elsewhere/checkpoints/last.ckpt"
    with pytest.raises(UsageError, match="holds a run's checkpoints already"):
        execute(exploding, begun([]), Nobody(tmp_path), [tmp_path])
    assert files(tmp_path) == {"config.yaml": b"seed: 1", "checkpoints/00000020.ckpt": b""}


def test_what_a_mistake_leaves_is_taken_back_while_nothing_is_trained(
    exploding: DictConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tmp_path / "a" / "run"
    exploding.folder = str(run)
    trainer = SimpleNamespace(global_step=0)
    parts = SimpleNamespace(trainer=trainer, start=0, ckpt_path=None)

    def fill(parts: SimpleNamespace) -> float:
        (run / "metrics.csv").write_text("step")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("gan_lightning.train.prepare", lambda config: parts)
    monkeypatch.setattr("gan_lightning.train.fit", fill)
    with pytest.raises(UsageError, match="make room, then start again"):
        execute(exploding, begun([]), Nobody(tmp_path))
    assert list(tmp_path.iterdir()) == []
    trainer.global_step = 3
    with pytest.raises(UsageError, match="make room, then start again"):
        execute(exploding, begun([]), Nobody(tmp_path))
    status = read_status(run)
    assert status is not None and status.state == "failed" and "make room" in str(status.reason)
