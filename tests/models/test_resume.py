"""A checkpoint is taken up by the game that wrote it, and by no other."""

import pickle
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning import Trainer

from gan_lightning.callbacks.checkpoint import IntervalCheckpoint
from gan_lightning.errors import UsageError
from gan_lightning.losses import Wasserstein
from gan_lightning.models.resume import check_file
from gan_lightning.models.wgan import WGAN

Fit = Callable[..., Trainer]


@pytest.fixture
def checkpoint(small_game: Any, fit: Fit, tmp_path: Path) -> Path:
    """Two iterations of the plain game."""
    fit(small_game(), steps=2, callbacks=[IntervalCheckpoint(str(tmp_path), 2, None, None, "min")])
    return tmp_path / "checkpoints" / "last.ckpt"


def test_a_checkpoint_of_this_framework_is_readable(checkpoint: Path) -> None:
    check_file(checkpoint)


def test_the_game_that_wrote_it_goes_on(small_game: Any, fit: Fit, checkpoint: Path) -> None:
    assert fit(small_game(), steps=3, ckpt_path=checkpoint).global_step == 3


@pytest.mark.parametrize(
    ("other", "fragment"),
    [
        ({"model": WGAN, "loss": Wasserstein(), "clip": 0.1}, "of a GAN, this run of a WGAN"),
        ({"generator_norm": "layer"}, "networks differ from this run's at"),
        ({"ema": 0.0}, "networks differ from this run's at average"),
        ({"optimizer": partial(torch.optim.RMSprop, lr=1e-2)}, "optimizers are Adam, Adam, this run's RMSprop"),
    ],
)
def test_another_game_refuses_it(
    small_game: Any, fit: Fit, checkpoint: Path, other: dict[str, Any], fragment: str
) -> None:
    with pytest.raises(UsageError, match=fragment):
        fit(small_game(**other), steps=3, ckpt_path=checkpoint)


def test_another_file_is_no_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "other.ckpt"
    path.write_text("hello")
    with pytest.raises(UsageError, match="can't be read as a checkpoint"):
        check_file(path)
    torch.save({"state_dict": {}}, path)
    with pytest.raises(UsageError, match="no checkpoint of gan_lightning"):
        check_file(path)


def test_a_damaged_checkpoint_is_named(checkpoint: Path) -> None:
    path = checkpoint.resolve()
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(UsageError, match="damaged"):
        check_file(path)


class Hostile:
    """Touches a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


def test_a_hostile_pickle_is_refused_and_not_executed(tmp_path: Path) -> None:
    path, trace = tmp_path / "hostile.ckpt", tmp_path / "trace"
    path.write_bytes(pickle.dumps(Hostile(trace)))
    with pytest.raises(UsageError, match="can't be read"):
        check_file(path)
    torch.save({"game": Hostile(trace)}, path)
    with pytest.raises(UsageError, match="can't be read"):
        check_file(path)
    assert not trace.exists()
