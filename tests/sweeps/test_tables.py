"""The tables as files."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from gan_lightning.sweeps.result import sweep_result
from gan_lightning.sweeps.statistics import Sample
from gan_lightning.sweeps.tables import csv_table, markdown, mean_and_error


def test_a_line_a_run_in_the_order_they_were_run(sweep: Path, job: Callable[..., Path]) -> None:
    job(0, 0.5, lr=1e-4, n_critic=1)
    job(1, None, "failed", 'ValueError: "a", b', lr=1e-3, n_critic=1)
    lines = list(csv.DictReader(io.StringIO(csv_table(sweep_result(sweep)))))
    assert [line["run"] for line in lines] == ["0_lr=1e-4,n_critic=1", "1_lr=1e-3,n_critic=1"]
    assert (lines[0]["lr"], lines[0]["ema/share2500"], lines[0]["ema/share2500 floor"]) == ("0.0001", "0.5", "0.99")
    assert (lines[1]["state"], lines[1]["reason"], lines[1]["ema/share2500"]) == ("failed", 'ValueError: "a", b', "")


def test_the_table_of_settings_is_best_first_with_floors_and_failures(sweep: Path, job: Callable[..., Path]) -> None:
    for seed, share in enumerate((0.90, 0.92, 0.94)):
        job(seed, share, n_critic=5, seed=seed, seconds=10 + seed)
    job(3, 0.1, n_critic=1, seed=0)
    job(4, None, "failed", "killed by SIGKILL", n_critic=1, seed=1)
    lines = markdown(sweep_result(sweep)).splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert table[0].split(" | ")[:2] == ["| n_critic", "ema/share2500"]
    assert table[2].startswith("| 5 | 0.920 ± 0.012 | best | 3 |  | 11 | 0.3 ± 0 |")
    assert table[3].startswith("| 1 | 0.1 | one seed | 1 | failed (seed 1) | 10 | 0.3 |")
    assert table[4].startswith("| floor: real samples | 0.99 |  |  |  |  | 0.16 |")
    assert "- 4_n_critic=1,seed=1: failed, killed by SIGKILL" in lines


def test_a_hostile_value_cannot_break_the_table(sweep: Path, job: Callable[..., Path]) -> None:
    job(0, 0.5, root="a|b\n| <img src=x> `c`")
    (row,) = [line for line in markdown(sweep_result(sweep)).splitlines() if "img" in line]
    assert row.startswith("| a\\|b \\| &lt;img src=x&gt; \\`c\\` | 0.5 |")


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ((), "–"),
        ((0.5,), "0.5"),
        ((0.5, 0.5), "0.5 ± 0"),
        ((0.1, 0.3), "0.20 ± 0.10"),
        ((100.0, 300.0), "200 ± 100"),
        ((3e27, 4e27), "3.5e+27 ± 5e+26"),
        ((0.00010, 0.00012), "0.000110 ± 0.000010"),
    ],
)
def test_the_error_has_two_digits_and_the_mean_as_many_places(values: tuple[float, ...], text: str) -> None:
    assert mean_and_error(Sample(values)) == text
