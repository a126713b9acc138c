"""`evaluate`, as it is used: on a run, on one of its checkpoints, and on folders of pictures."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

CHECKOUT = Path(__file__).resolve().parent.parent.parent


Call = Callable[..., tuple[int, list[str], list[str]]]


def train(folder: Path, *overrides: str) -> None:
    path = os.pathsep.join([str(CHECKOUT), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
    call = [sys.executable, "-m", "gan_lightning", *overrides]
    done = subprocess.run(call, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


def records(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_run_and_its_checkpoints_can_be_measured_again(call: Call, tmp_path: Path) -> None:
    run = tmp_path / "run"
    small = ["trainer.max_steps=4", "every=2", "data.num_samples=64", "data.batch_size=8", "~callbacks.animation"]
    train(tmp_path, f"folder={run}", *small, "metrics=[wasserstein]", "metrics.wasserstein.n=50")
    before = records(run / "metrics.jsonl")
    code, said, err = call("evaluate", run)
    assert code == 0, err
    assert any(line.startswith("w2_50") for line in said) and said[-1] == f"added to {run / 'metrics.jsonl'}"
    again = records(run / "metrics.jsonl")[len(before) :]
    clocks = {"seconds", "elapsed"}
    timeless = [{key: value for key, value in record.items() if key not in clocks} for record in [*before[-2:], *again]]
    assert timeless[:2] == timeless[2:]  # the figures of the run itself, to the last digit

    checkpoint, out = run / "checkpoints" / "00000002.ckpt", tmp_path / "own.jsonl"
    arguments = ["metrics=[modes]", "metrics.modes.n=30", "--repeats", "1", "--out", str(out)]
    code, _, err = call("evaluate", checkpoint, *arguments)
    assert code == 0, err
    assert {(record["name"], record["step"], record["repeats"]) for record in records(out)} == {
        (f"{stem}30", 2, 1) for stem in ("modes", "share", "reverse_kl", "kl")
    }


def test_a_folder_of_pictures_is_compared_with_another(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    randomness = np.random.default_rng(0)
    for kind, n in (("real", 30), ("fake", 12)):
        (tmp_path / kind).mkdir()
        for number in range(n):
            pixels = randomness.integers(0, 256, (28, 28), np.uint8)
            Image.fromarray(pixels).save(tmp_path / kind / f"{number}.png")
    data = ["data=image_folder", "data.root=real", "data.size=28", "data.channels=1"]
    metrics = ["metrics=[fd_classifier,memorisation]", "metrics.classifier.name=mnist"]
    code, _, err = call("evaluate", "fake", *data, *metrics)
    assert code == 0, err
    found = {record["name"]: record for record in records(tmp_path / "fake_evaluation" / "metrics.jsonl")}
    assert (tmp_path / "fake_evaluation" / "memorisation.png").is_file()
    names = {"fd_classifier12_train", "authenticity_classifier12_train", "nearest_distance_classifier12_train"}
    assert set(found) == names
    assert {record["n_reference"] for record in found.values()} == {30}
    assert {(record["weights"], record["extractor"]) for record in found.values()} == {("samples", "mnist")}

    (tmp_path / "fake" / "odd.png").write_bytes(b"no picture")
    code, _, err = call("evaluate", "fake", *data, *metrics)
    assert code == 2
    assert err[-1].startswith("gan_lightning: fake/odd.png cannot be read as a picture")
    assert len(err) == 1 or all("decoding" in line for line in err[:-1])


def test_a_mistake_costs_a_line(call: Call) -> None:
    assert call("evaluate", "nowhere") == (2, [], ["gan_lightning: nowhere: there is no such file or folder"])
