"""What stands in `metrics.jsonl`."""

import json
from dataclasses import replace as changed
from pathlib import Path

from gan_lightning.metrics.records import Record, read, replace, write

RECORD = Record(
    **{"name": "fd9", "value": 1.0, "spread": None, "repeats": 2, "floor": None, "floor_n": None, "n": 9},
    **{"n_reference": None, "data": "ring", "settings": None, "extractor": None, "sha256": None},
    **{"weights": "ema", "step": 4, "seed": 0, "seconds": 0.1, "elapsed": 2.0},
)


def test_what_is_measured_again_by_the_same_protocol_stands_there_once(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    others = [
        changed(RECORD, step=2),
        changed(RECORD, weights="raw"),
        changed(RECORD, name="fd8"),
        changed(RECORD, repeats=1),
        changed(RECORD, elapsed=None),  # of `evaluate`, later
    ]
    write(path, [*others, RECORD])
    replace(path, [changed(RECORD, value=float("nan"))])
    kept = [record["value"] for record in read(path)]
    assert kept == [1.0] * 5 + [None]
    replace(path, [changed(RECORD, step=6)])
    assert len(read(path)) == 7


def test_what_is_no_record_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    whole = json.loads(RECORD.line())
    part = [{"step": 0}, whole | {"step": "x"}, whole | {"value": []}, [1], None]
    path.write_bytes(b"\n".join([*(json.dumps(one).encode() for one in part), b"\xff\xfe\0", b'{"na', b""]))
    assert read(path) == []
    with path.open("a") as file:
        file.write(f"\n{RECORD.line()}\n")
    assert read(path) == [whole]
