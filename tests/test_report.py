"""What a run says in the terminal."""

import json
from pathlib import Path

from gan_lightning.report import report


def record(name: str, weights: str, value: float | None, step: int) -> str:
    return json.dumps({"name": name, "weights": weights, "value": value, "floor": 0.5, "n": 100, "step": step})


def test_the_last_figures_stand_beside_their_floor(tmp_path: Path) -> None:
    lines = [record("share", "ema", 0.1, 5), record("share", "ema", 0.25, 10), record("share", "raw", None, 10)]
    (tmp_path / "metrics.jsonl").write_text("\n".join(lines) + "\n")
    first, head, figures = report(tmp_path, 10, 61.4).splitlines()
    assert first == f"10 iterations in 61 s; everything is in {tmp_path}"
    assert head.split() == ["n=100", "ema", "raw", "floor"]
    assert figures.split() == ["share", "0.25", "diverged", "0.5"]


def test_a_run_without_figures_still_says_where_it_is(tmp_path: Path) -> None:
    assert report(tmp_path, 3, 0.6) == f"3 iterations in 1 s; everything is in {tmp_path}"
