"""What is asked once gets the answer that it had in each iteration."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest
import torch
from lightning import Callback
from lightning.pytorch.callbacks import LambdaCallback
from lightning.pytorch.utilities.signature_utils import is_param_in_hook_signature
from torch import Tensor

from gan_lightning.data.gaussians import Gaussians
from gan_lightning.data.loader import Batch
from gan_lightning.models.gan import GAN

Fit = Callable[..., Any]
Game = Callable[..., Any]
HOOKS = ("on_train_batch_start", "on_before_optimizer_step", "on_train_batch_end")


class Counted(GAN):
    """Notes the hooks that it overrides."""

    calls: list[str] = []

    def on_train_batch_start(self, *about: Any) -> None:
        self.calls.append("start")

    def on_before_optimizer_step(self, *about: Any) -> None:
        self.calls.append("step")


class Start(Callback):
    """Overrides one hook."""

    def __init__(self) -> None:
        self.calls = 0

    def on_train_batch_start(self, *about: Any) -> None:
        self.calls += 1


def test_hooks_that_are_left_empty_are_passed_over_and_others_called(small_game: Game, fit: Fit) -> None:
    idle, own, given, ends = Callback(), Start(), [], LambdaCallback(on_train_batch_end=lambda *_: given.append(1))
    game = small_game()
    fit(game, steps=4, callbacks=[idle, own, ends])
    assert [getattr(idle, hook) for hook in HOOKS] == [None, None, None]
    assert [getattr(own, hook) is None for hook in HOOKS] == [False, True, True] and own.calls == 4
    assert [getattr(ends, hook) is None for hook in HOOKS] == [True, True, False] and len(given) == 4
    assert game.on_train_batch_start is game.on_before_optimizer_step is None and game.on_train_batch_end is not None


def test_a_variant_with_hooks_of_its_own_has_them_called(small_game: Game, fit: Fit) -> None:
    Counted.calls = []
    fit(small_game(Counted), steps=3)
    assert Counted.calls == ["start", "step"] * 3


def test_a_signature_that_was_read_says_what_it_said(small_game: Game, fit: Fit) -> None:
    game = small_game()
    before = inspect.getfullargspec(game.training_step)
    fit(game, steps=1)
    assert inspect.getfullargspec(game.training_step) == before
    assert is_param_in_hook_signature(game.training_step, "batch_idx", min_args=2)


class Doubling(Gaussians):
    """Data with something to do behind the transfer."""

    def on_after_batch_transfer(self, batch: Batch, dataloader_idx: int) -> Batch:
        return batch._replace(real=2 * batch.real)


@pytest.mark.parametrize(("kind", "factor"), [(Gaussians, 1), (Doubling, 2)])
def test_data_with_a_hook_on_batches_are_asked(
    kind: type, factor: int, small_game: Game, fit: Fit, points: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Tensor] = []
    game, data = small_game(), points()
    data.__class__ = kind
    play = game.play
    monkeypatch.setattr(game, "play", lambda batch: (seen.append(batch.real), play(batch)))
    fit(game, steps=1, data=data)
    again = next(iter(points_in_order(data)))
    assert torch.equal(seen[0], factor * again.real) and game.come_as_they_are == (factor == 1)


def points_in_order(data: Any) -> Any:
    loader = data.train_dataloader()
    loader.load_state_dict({"epoch": 0, "position": 0})
    return loader


def test_a_batch_from_elsewhere_is_moved(small_game: Game, fit: Fit) -> None:
    game, batch = small_game(), Batch(torch.zeros(2, 2), None)
    game.come_as_they_are = True
    assert game._apply_batch_transfer_handler(batch, torch.device("cpu")) is batch
    assert game._apply_batch_transfer_handler(batch, torch.device("meta")).real.device.type == "meta"
