"""What a run forgets when it goes back to a checkpoint."""

import json
from pathlib import Path

import pytest

from gan_lightning.runs.rewind import damage, rewind


def test_later_and_unfinished_records_go_and_the_others_stay_to_the_byte(tmp_path: Path) -> None:
    lines = [json.dumps({"step": step, "value": None}) + "\n" for step in (0, 10, None, 20, 30)]
    (tmp_path / "metrics.jsonl").write_text("".join(lines) + '{"step": 4')
    rows = ["loss,step,name\r\n", "1,10.0,\r\n", '2,20,"a,b"\r\n', "3,21,\r\n", "4,,\r\n", "5,1"]
    (tmp_path / "metrics.csv").write_bytes("".join(rows).encode())
    rewind(tmp_path, 20, trained=False)
    assert (tmp_path / "metrics.jsonl").read_text() == "".join(lines[:4])
    assert (tmp_path / "metrics.csv").read_bytes() == "".join(rows[:3]).encode()


def test_lines_that_are_no_text_go_and_the_others_stay(tmp_path: Path) -> None:
    noise = [b"\xff\xfe\0\n", b'{"step": "x"}\n', b"[1]\n"]
    lines = [b'{"step": 1}\n', *noise, '{"step": 2, "data": "\u00fc"}\n'.encode()]
    (tmp_path / "metrics.jsonl").write_bytes(b"".join(lines))
    rows = [b"step,loss/d\n", b"1,0.5\n", b"\xff\xfe\0\n", b'2,"0.5\n', b"2,\xff\n", b"3,0.5\n", b"3,\n"]
    (tmp_path / "metrics.csv").write_bytes(b"".join(rows))
    rewind(tmp_path, 3, trained=True)
    assert (tmp_path / "metrics.jsonl").read_bytes() == lines[0] + lines[-1]
    assert (tmp_path / "metrics.csv").read_bytes() == b"".join([*rows[:2], rows[3], rows[5]])


def test_files_with_nothing_to_forget_are_left_alone(tmp_path: Path) -> None:
    rewind(tmp_path, 0, trained=False)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "metrics.jsonl").write_text('{"step": 3}\n')
    before = (tmp_path / "metrics.jsonl").stat()
    rewind(tmp_path, 3, trained=False)
    assert (tmp_path / "metrics.jsonl").stat() == before


def test_behind_the_last_iteration_what_is_measured_again_goes(tmp_path: Path) -> None:
    """Of that iteration the row of an evaluation at an interval comes before the losses', that of the last behind."""
    rows = ["step,loss/generator,ema/fd\n", "9,0.5,\n", "10,,2\n", "10,0.4,\n", "10,,1\n"]
    path = tmp_path / "metrics.csv"
    for trained, left in ((False, 5), (True, 4)):
        path.write_text("".join(rows))
        rewind(tmp_path, 10, trained)
        assert path.read_text() == "".join(rows[:left])
    path.write_text("step,ema/fd\n10,1\n")  # it was not one of those that are logged
    rewind(tmp_path, 10, trained=True)
    assert path.read_text() == "step,ema/fd\n10,1\n"


def test_that_it_went_back_to_where_it_goes_on_is_forgotten_and_earlier_times_stay(tmp_path: Path) -> None:
    """It comes there again: what it diverges behind has not changed."""
    rows = ["step,loss,rollbacks\n", "4,0.5,\n", "4,,1.0\n", "8,0.4,\n", "8,,2.0\n"]
    (tmp_path / "metrics.csv").write_text("".join(rows))
    rewind(tmp_path, 8, trained=False)
    assert (tmp_path / "metrics.csv").read_text() == "".join(rows[:4])


def test_at_the_start_all_comes_again_but_what_was_evaluated_beside_the_run(tmp_path: Path) -> None:
    lines = [json.dumps({"step": step}) + "\n" for step in (0, None, 3)]
    (tmp_path / "metrics.jsonl").write_text("".join(lines))
    (tmp_path / "metrics.csv").write_text("step,ema/fd,rollbacks\n0,1.5,\n0,,1.0\n1,2.5,\n")
    rewind(tmp_path, 0, trained=False)
    assert (tmp_path / "metrics.jsonl").read_text() == lines[1]
    assert (tmp_path / "metrics.csv").read_text() == "step,ema/fd,rollbacks\n"


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("", None),
        ("step,a\n", None),
        ("step,a\n1,2\n1,2,3\n", None),  # one bad row is passed over
        ("step,a\n1,2,3\n", "its first line names 2 columns, most rows have others"),
        ("a,b\n1,2\n", "its first line names no column step"),
        ("step,a,a\n1,2,3\n", "its first line names a column twice"),
    ],
)
def test_a_table_whose_rows_cannot_be_told_is_damaged(table: str, why: str | None, tmp_path: Path) -> None:
    (tmp_path / "metrics.csv").write_text(table)
    assert damage(tmp_path / "metrics.csv") == why


def test_lines_that_nest_too_deeply_go(tmp_path: Path) -> None:
    (tmp_path / "metrics.jsonl").write_text('{"step": 1}\n' + "[" * 100_000 + "\n")
    rewind(tmp_path, 2, trained=False)
    assert (tmp_path / "metrics.jsonl").read_text() == '{"step": 1}\n'
