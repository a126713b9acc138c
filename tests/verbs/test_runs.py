"""`runs`, as it is used."""

from collections.abc import Callable
from pathlib import Path

import pytest

Call = Callable[..., tuple[int, list[str], list[str]]]


def test_the_newest_are_listed_and_the_others_counted(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    for name in "abc":
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.yaml").write_text(
            "model: {_target_: gan_lightning.models.gan.GAN}\ndata: {_target_: gan_lightning.data.mnist.MNIST}\n"
            "metrics: {}\n"
        )
    code, out, _ = call("runs", tmp_path, "--last", 2)
    assert code == 0 and len(out) == 4 and out[0].split()[:3] == ["run", "in", str(tmp_path)]
    assert all(line.split()[1:] == ["finished", "GAN", "MNIST", "0"] for line in out[1:3])
    assert out[3] == "1 older ones are not shown: add --all, or --last N"
    assert len(call("runs", tmp_path, "--all")[1]) == 4


def test_a_folder_without_runs_is_a_mistake(call: Call, tmp_path: Path) -> None:
    code, out, err = call("runs", tmp_path)
    assert (code, out) == (2, []) and len(err) == 1 and "holds no runs" in err[0]
