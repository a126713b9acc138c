"""Statistics are computed once."""

from pathlib import Path

import pytest
import torch

from gan_lightning.metrics.cache import StatisticsCache, Tensors


class Counted:
    """Computes a dictionary and counts how often."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> Tensors:
        self.calls += 1
        return {"mean": torch.tensor([1.0, self.calls], dtype=torch.float64), "count": torch.tensor(7)}


def test_a_second_run_reads_what_the_first_has_written(tmp_path: Path):
    compute = Counted()
    first = StatisticsCache(tmp_path / "statistics").get("of these", compute)
    second = StatisticsCache(tmp_path / "statistics").get("of these", compute)
    assert compute.calls == 1
    assert torch.equal(first["mean"], second["mean"]) and second["mean"].dtype == torch.float64
    assert int(second["count"]) == 7


def test_another_key_is_another_entry(tmp_path: Path):
    compute, cache = Counted(), StatisticsCache(tmp_path)
    for key in ("a", "b", "a"):
        cache.get(key, compute)
    assert compute.calls == 2
    assert len(list(tmp_path.iterdir())) == 2


def test_what_is_empty_is_kept_too(tmp_path: Path):
    calls: list[int] = []
    for _ in range(2):
        assert StatisticsCache(tmp_path).get("nothing", lambda: calls.append(1) or {}) == {}  # type: ignore[func-returns-value]
    assert len(calls) == 1


def test_a_damaged_file_is_made_anew(tmp_path: Path):
    compute = Counted()
    StatisticsCache(tmp_path).get("a", compute)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:20])
    assert float(StatisticsCache(tmp_path).get("a", compute)["mean"][1]) == 2
    assert float(StatisticsCache(tmp_path).get("a", compute)["mean"][1]) == 2
    assert compute.calls == 2


def test_where_nothing_can_be_written_the_figures_are_still_there(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    with pytest.warns(UserWarning, match="can't be kept"):
        assert int(StatisticsCache(tmp_path / "file").get("a", Counted())["count"]) == 7
