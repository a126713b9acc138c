"""One job: kept, run again, refused, recorded; its process is played by a function."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from gan_lightning.runs.status import Status, read_status, write_status
from gan_lightning.sweeps import job as job_module
from gan_lightning.sweeps.job import run_job
from gan_lightning.sweeps.plan import Plan, write_plan

Run = Callable[..., float | None]


@pytest.fixture
def ran() -> list[str]:
    """Names of the folders whose jobs were run."""
    return []


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, composed: Callable[..., DictConfig], ran: list[str]) -> Run:
    """Runs job `number` with overrides; `end` is what its process leaves."""
    write_plan(Plan(tmp_path, [], ["model.n_critic"], None, "ema/share2500", "max"))
    monkeypatch.setattr(job_module, "try_to_write", lambda folder: None)

    def make(number: int, *overrides: str, state: str = "finished", presets: tuple[str, ...] = ()) -> float | None:
        hydra = {
            "sweep": {"dir": str(tmp_path)},
            "job": {"num": number},
            "overrides": {"task": list(overrides)},
            "launcher": {},
        }
        monkeypatch.setattr(HydraConfig, "get", staticmethod(lambda: OmegaConf.create(hydra)))

        def child(config: dict[str, Any], status: Status, gpu: str | None) -> Status:
            folder = Path(config["folder"])
            ran.append(folder.name)
            figure = {"name": "share2500", "weights": "ema", "value": 0.5, "step": 9, "spread": None, "repeats": 1}
            line = json.dumps(figure | {"floor": 1, "floor_n": 9, "n": 9})
            (folder / "metrics.jsonl").write_text(line + "\n")
            left = status.ended(state, None if state == "finished" else "why")
            write_status(folder, left)
            return left

        monkeypatch.setattr(job_module, "run_in_child", child)
        return run_job(composed("model=wgan_gp", *presets, knobs=overrides))

    return make


def test_a_job_returns_its_objective_and_leaves_a_folder_named_after_what_differs(run: Run, tmp_path: Path) -> None:
    assert run(3, "model.n_critic=5") == 0.5
    status = read_status(tmp_path / "3_n_critic=5")
    assert status is not None and (status.state, status.varied) == ("finished", {"n_critic": 5})


def test_what_came_to_its_end_is_kept_under_any_number(run: Run, ran: list[str]) -> None:
    run(3, "model.n_critic=5")
    assert run(8, "model.n_critic=5", "sweep.resume=x") == 0.5
    run(1, "model.n_critic=2", state="diverged")
    assert run(0, "model.n_critic=2") is None
    assert ran == ["3_n_critic=5", "1_n_critic=2"]


@pytest.mark.parametrize("state", ["failed", "interrupted", "running"])
def test_what_did_not_is_run_again_from_a_clean_folder(
    run: Run, tmp_path: Path, ran: list[str], state: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(0, "model.n_critic=5", state=state) is None
    (tmp_path / "0_n_critic=5" / "leftover").touch()
    assert run(0, "model.n_critic=5") == 0.5
    assert ran == ["0_n_critic=5"] * 2
    assert sorted(path.name for path in (tmp_path / "0_n_critic=5").iterdir()) == ["metrics.jsonl", "status.json"]
    assert f"job 0 (0_n_critic=5) {state}: why; the sweep goes on" in capsys.readouterr().err


def test_a_mistake_in_a_job_is_its_status_and_one_line(
    run: Run, tmp_path: Path, ran: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(0, "model.n_critic=0") is None
    assert ran == []
    status = read_status(tmp_path / "0_n_critic=0")
    assert status is not None and status.state == "failed"
    assert status.reason == "model.n_critic=0: must be a whole number, at least 1"
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_search_sets_values_and_learns_from_the_job(run: Run, tmp_path: Path) -> None:
    import optuna

    for number in range(2):
        run(number, f"sweep.trial={number}", presets=("sweep=optuna",))
    run(2, "sweep.trial=2", presets=("sweep=optuna",), state="failed")
    storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(tmp_path / "search.log")))
    (study,) = optuna.get_all_study_summaries(storage)
    trials = optuna.load_study(study_name=study.study_name, storage=storage).trials
    assert study.direction.name == "MAXIMIZE"
    assert [(trial.state.name, trial.value) for trial in trials] == [
        ("COMPLETE", 0.5),
        ("COMPLETE", 0.5),
        ("FAIL", None),
    ]
    statuses = [read_status(folder) for folder in sorted(tmp_path.glob("[0-9]*"))]
    assert [status.trial for status in statuses if status] == [0, 1, 2]
