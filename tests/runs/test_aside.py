"""What becomes of checkpoints that a run goes behind."""

from pathlib import Path

import pytest
import torch

from gan_lightning.runs.aside import set_aside
from gan_lightning.runs.sidecar import flaw
from gan_lightning.runs.storage import point, store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three checkpoints, the last of which is the newest and the best."""
    for step in (2, 4, 6):
        store({"step": torch.tensor(step)}, tmp_path / f"{step:08d}.ckpt")
    point(tmp_path / "last.ckpt", tmp_path / "00000006.ckpt")
    point(tmp_path / "best.ckpt", tmp_path / "00000006.ckpt")
    return tmp_path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_later_ones_go_aside_with_their_sums_and_nothing_points_to_them(folder: Path) -> None:
    (folder / "00000006.ckpt").write_bytes(b"damaged")
    assert set_aside(folder / "00000002.ckpt", 2) == [folder / "aside" / f"{step:08d}.ckpt" for step in (6, 4)]
    assert names(folder) == ["00000002.ckpt", "00000002.ckpt.sha256", "aside", "last.ckpt"]
    assert (folder / "last.ckpt").resolve().name == "00000002.ckpt"
    assert names(folder / "aside") == [f"{step:08d}.ckpt{end}" for step in (4, 6) for end in ("", ".sha256")]
    assert flaw(folder / "aside" / "00000004.ckpt") is None


def test_the_newest_goes_behind_nothing(folder: Path) -> None:
    before = names(folder)
    assert set_aside(folder / "last.ckpt", 6) == []
    assert names(folder) == before


def test_a_link_to_the_checkpoint_stands_for_it_and_a_best_one_that_stays_is_the_best(folder: Path) -> None:
    point(folder / "best.ckpt", folder / "00000002.ckpt")
    point(folder / "last.ckpt", folder / "00000004.ckpt")
    assert set_aside(folder / "last.ckpt", 4) == [folder / "aside" / "00000006.ckpt"]
    assert (folder / "last.ckpt").readlink() == Path("00000004.ckpt")
    assert (folder / "best.ckpt").resolve().name == "00000002.ckpt"


def test_what_was_set_aside_before_stays(folder: Path) -> None:
    for place, n in (("aside", 1), ("aside-2", 2), ("aside-3", 3)):
        store({"step": torch.tensor(n)}, folder / "00000006.ckpt")
        assert set_aside(folder / "00000004.ckpt", 4) == [folder / place / "00000006.ckpt"]
    kept = [torch.load(folder / place / "00000006.ckpt")["step"] for place in ("aside", "aside-2", "aside-3")]
    assert kept == [1, 2, 3]
    set_aside(folder / "00000002.ckpt", 2)
    assert names(folder / "aside") == [f"{step:08d}.ckpt{end}" for step in (4, 6) for end in ("", ".sha256")]
