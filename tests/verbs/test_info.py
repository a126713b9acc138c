"""`info`, as it is used."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

Call = Callable[..., tuple[int, list[str], list[str]]]
SECTIONS = ["versions", "data", "devices", "networks that measure"]


def test_it_shows_versions_data_devices_and_networks(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    code, out, _ = call("info", "--root", tmp_path)
    lines = [" ".join(line.split()) for line in out]
    assert code == 0 and [line for line in lines if line in SECTIONS] == SECTIONS
    assert f"torch {torch.__version__.split('+')[0]}" in lines
    assert any(line.startswith("mnist not there: put the four IDX files") and str(tmp_path) in line for line in lines)
