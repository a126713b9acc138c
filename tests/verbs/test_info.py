"""`info`, as it is used."""

import sys
from pathlib import Path

import pytest
import torch

from gan_lightning import app


def test_it_shows_versions_data_devices_and_networks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(sys, "argv", ["gan_lightning", "info", "--root", str(tmp_path)])
    assert app.main() == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert [line for line in lines if line in ("versions", "data", "devices", "networks that measure")] == [
        *("versions", "data", "devices", "networks that measure")
    ]
    assert f"torch {torch.__version__.split('+')[0]}" in lines
    assert any(line.startswith("mnist not there: put the four IDX files") and str(tmp_path) in line for line in lines)
