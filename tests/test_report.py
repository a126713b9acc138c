"""What a run says in the terminal."""

import json
from pathlib import Path
from typing import Any

from gan_lightning.report import report


def record(name: str, weights: str, value: float | None, step: int, **other: Any) -> str:
    figure = {"name": name, "weights": weights, "value": value, "spread": None, "repeats": 1, "step": step}
    return json.dumps(figure | {"floor": 0.5, "floor_n": 100, "n": 100} | other)


def test_the_last_figures_stand_beside_their_floor(tmp_path: Path) -> None:
    lines = [
        record("share100", "ema", 0.1, 5),
        record("share100", "ema", 0.25, 10),
        record("share100", "raw", None, 10),
        record("kl100", "raw", 2.0, 10),
    ]
    (tmp_path / "metrics.jsonl").write_text("\n".join(lines) + "\n")
    first, head, share, kl = report(tmp_path, 10, 61.4).splitlines()
    assert first == f"10 iterations in 61 s; everything is in {tmp_path}"
    assert head.split() == ["ema", "raw", "floor"]
    assert share.split() == ["share100", "0.25", "diverged", "0.5"]
    assert kl.split() == ["kl100", "2", "0.5"]
    assert kl.index(" 2") > share.index("0.25") + 4  # an empty cell stays empty


def test_the_spread_and_a_floor_of_fewer_samples_are_told(tmp_path: Path) -> None:
    line = record("fid50k_train", "ema", 7.25, 10, spread=0.125, repeats=3, n=50_000, floor_n=10_000)
    (tmp_path / "metrics.jsonl").write_text(line + "\n")
    _, head, row = report(tmp_path, 10, 1).splitlines()
    assert head.startswith("mean ± deviation of 3")
    assert row.split() == ["fid50k_train", "7.25", "±", "0.12", "0.5", "(n", "10000)"]


def test_a_run_without_figures_still_says_where_it_is(tmp_path: Path) -> None:
    assert report(tmp_path, 3, 0.6) == f"3 iterations in 1 s; everything is in {tmp_path}"
