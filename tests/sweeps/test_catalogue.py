"""What there is of runs below a folder, in a line each."""

import json
import os
from pathlib import Path

from gan_lightning.runs.status import FAILED, begun, write_status
from gan_lightning.sweeps.catalogue import entries, folders

CONFIG = """
model: {_target_: gan_lightning.models.gan.GAN}
data: {_target_: gan_lightning.data.mnist.MNIST}
metrics: {}
"""
CHOSEN = CONFIG + "callbacks: {hparams: {parameters: {model: lsgan, data: mnist}}}\n"


def run(folder: Path, config: str = CONFIG, age: int = 0) -> Path:
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(config)
    os.utime(folder / "config.yaml", (1e9 - age, 1e9 - age))
    return folder


def record(name: str, value: float | None, step: int = 20) -> str:
    known = {"weights": "ema", "step": step, "spread": None, "floor": 0.25, "floor_n": 100, "n": 100, "repeats": 1}
    return json.dumps({"name": name, "value": value, **known})


def test_runs_are_found_at_any_depth_the_newest_first(tmp_path: Path) -> None:
    old, new = run(tmp_path / "day" / "old", age=9), run(tmp_path / "day" / "sweep" / "0")
    run(tmp_path / "day" / "old" / ".hydra")
    run(tmp_path / "pictures", "title: nothing of ours")
    assert folders(tmp_path) == [new, old]


def test_a_job_that_failed_before_it_had_a_config_is_there(tmp_path: Path) -> None:
    (tmp_path / "0").mkdir()
    write_status(tmp_path / "0", begun([]).ended(FAILED, "why"))
    (entry,) = entries(folders(tmp_path))
    assert (entry.folder.name, entry.state, entry.variant) == ("0", "failed", "?")


def test_a_line_says_what_a_run_was_and_where_it_ended(tmp_path: Path) -> None:
    folder = run(tmp_path / "a", CHOSEN)
    lines = [
        record("fd_classifier50_train", 8.0, 10),
        record("fd_classifier50_train", 7.0),
        record("fd_classifier100_train", 6.5),
    ]
    (folder / "metrics.jsonl").write_text("\n".join([*lines, record("label_kl_classifier100_train", 1.0)]) + "\n")
    write_status(folder, begun([]).ended(FAILED, "why"))
    (entry,) = entries([folder])
    assert entry[1:5] == ("failed", "lsgan", "mnist", "20")
    assert entry.figure == ("ema/fd_classifier100_train", "6.5", "0.25")  # the full protocol's


def test_a_run_without_figures_is_a_line_too(tmp_path: Path) -> None:
    folder = run(tmp_path / "a")
    (folder / "checkpoints").mkdir()
    (folder / "checkpoints" / "00001500.ckpt").touch()
    (entry,) = entries([folder])
    assert entry[2:] == ("GAN", "MNIST", "1,500", ("", "", ""))


def test_a_diverged_figure_is_called_so(tmp_path: Path) -> None:
    folder = run(tmp_path / "a")
    (folder / "metrics.jsonl").write_text(record("share2500", None) + "\n")
    assert entries([folder])[0].figure == ("ema/share2500", "diverged", "0.25")


def test_a_config_that_was_edited_is_no_reason_to_fail(tmp_path: Path) -> None:
    (entry,) = entries([run(tmp_path / "a", "model: 3\ndata: ${nothing:}\nmetrics: {}\n")])
    assert (entry.variant, entry.data) == ("?", "?")
