"""Synthetic sweeps: folders as jobs leave them, without a training."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image

from gan_lightning.runs.status import FINISHED, Status, write_status
from gan_lightning.sweeps.folders import claim
from gan_lightning.sweeps.plan import Plan, write_plan


def record(name: str, value: float | None, step: int, weights: str = "ema", **other: Any) -> dict[str, Any]:
    fields = {"name": name, "value": value, "spread": None, "floor": 0.99, "floor_n": 2500, "n": 2500}
    return fields | {"weights": weights, "step": step, "elapsed": step / 10, "repeats": 1} | other


@pytest.fixture
def sweep(tmp_path: Path) -> Path:
    """The folder of a sweep of lr by n_critic, without jobs."""
    folder = tmp_path / "sweep"
    folder.mkdir()
    write_plan(
        Plan(folder, ["model=wgan_gp"], ["optimizer.generator.lr", "model.n_critic", "seed"], 4, "ema/share2500")
    )
    return folder


@pytest.fixture
def job(sweep: Path) -> Callable[..., Path]:
    """Adds a job with its figures, config and samples to the sweep."""

    def make(
        number: int,
        share: float | None = 0.9,
        state: str = FINISHED,
        reason: str | None = None,
        seconds: float = 10.0,
        **values: Any,
    ) -> Path:
        overrides = sorted(f"{name}={value}" for name, value in values.items())
        status = Status(state, reason, 1000.0, seconds, 1, "elsewhere", overrides, values)
        folder = claim(sweep, number, status)
        points = [(0, 0.1), (100, 0.5), (200, share)]
        lines = [record("share2500", value, step) for step, value in points]
        lines += [record("share2500", 0.2, 200, "raw"), record("w2_1k", 0.3, 200, floor=0.16)]
        (folder / "metrics.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n")
        config = {"model": {"n_critic": values.get("n_critic", 1)}, "data": {"kind": "ring"}, "metrics": {}, **values}
        (folder / "config.yaml").write_text(yaml.safe_dump({**config, "folder": str(folder)}))
        (folder / "samples").mkdir()
        Image.new("RGB", (64, 64), (40 * number % 255, 90, 160)).save(folder / "samples" / "00000200.png")
        write_status(folder, status)
        return folder

    return make
