"""`evaluate`, as it is used: on a run, on one of its checkpoints, and on folders of pictures."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

CHECKOUT = Path(__file__).resolve().parent.parent.parent


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(CHECKOUT), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1", "COLUMNS": "200"}
    call = [sys.executable, "-m", "gan_lightning", *arguments]
    return subprocess.run(call, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


def records(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_run_and_its_checkpoints_can_be_measured_again(tmp_path: Path) -> None:
    run = tmp_path / "run"
    small = ["trainer.max_steps=4", "every=2", "data.num_samples=64", "data.batch_size=8", "~callbacks.animation"]
    done = command(tmp_path, f"folder={run}", *small, "metrics=[wasserstein]", "metrics.wasserstein.n=50")
    assert done.returncode == 0, done.stderr
    before = records(run / "metrics.jsonl")
    done = command(tmp_path, "evaluate", str(run))
    assert done.returncode == 0, done.stderr
    assert "w2_50" in done.stdout and f"added to {run / 'metrics.jsonl'}" in done.stdout
    again = records(run / "metrics.jsonl")[len(before) :]
    clocks = {"seconds", "elapsed"}
    timeless = [{key: value for key, value in record.items() if key not in clocks} for record in [*before[-2:], *again]]
    assert timeless[:2] == timeless[2:]  # the figures of the run itself, to the last digit

    checkpoint, out = run / "checkpoints" / "00000002.ckpt", tmp_path / "own.jsonl"
    arguments = ["metrics=[modes]", "metrics.modes.n=30", "--repeats", "1", "--out", str(out)]
    done = command(tmp_path, "evaluate", str(checkpoint), *arguments)
    assert done.returncode == 0, done.stderr
    assert {(record["name"], record["step"], record["repeats"]) for record in records(out)} == {
        (f"{stem}30", 2, 1) for stem in ("modes", "share", "reverse_kl", "kl")
    }


def test_a_folder_of_pictures_is_compared_with_another(tmp_path: Path) -> None:
    randomness = np.random.default_rng(0)
    for kind, n in (("real", 30), ("fake", 12)):
        (tmp_path / kind).mkdir()
        for number in range(n):
            pixels = randomness.integers(0, 256, (28, 28), np.uint8)
            Image.fromarray(pixels).save(tmp_path / kind / f"{number}.png")
    data = ["data=image_folder", "data.root=real", "data.size=28", "data.channels=1"]
    metrics = ["metrics=[fd_classifier,memorisation]", "metrics.classifier.name=mnist"]
    done = command(tmp_path, "evaluate", "fake", *data, *metrics)
    assert done.returncode == 0, done.stderr
    found = {record["name"]: record for record in records(tmp_path / "fake_evaluation" / "metrics.jsonl")}
    assert (tmp_path / "fake_evaluation" / "memorisation.png").is_file()
    names = {"fd_classifier12_train", "authenticity_classifier12_train", "nearest_distance_classifier12_train"}
    assert set(found) == names
    assert {record["n_reference"] for record in found.values()} == {30}
    assert {(record["weights"], record["extractor"]) for record in found.values()} == {("samples", "mnist")}

    (tmp_path / "fake" / "odd.png").write_bytes(b"no picture")
    done = command(tmp_path, "evaluate", "fake", *data, *metrics)
    assert done.returncode == 2
    assert done.stderr.startswith("gan_lightning: fake/odd.png cannot be read as a picture")
    assert done.stderr.count("\n") == 1 or "decoding" in done.stderr


def test_mistakes_cost_a_line_and_come_before_torch(tmp_path: Path) -> None:
    done = command(tmp_path, "evaluate", "nowhere")
    assert (done.returncode, done.stderr) == (2, "gan_lightning: nowhere: there is no such file or folder\n")
