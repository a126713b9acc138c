"""What is asked once gets the answer that it had in each iteration."""

import inspect
from collections.abc import Callable
from typing import Any
from unittest.mock import MagicMock

import pytest
import torch
from lightning import Callback, Trainer
from lightning.pytorch.callbacks import LambdaCallback
from lightning.pytorch.utilities.signature_utils import is_param_in_hook_signature
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

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


class Idle(Callback):
    """One of the package's, which overrides nothing."""

    __module__ = "gan_lightning.callbacks.idle"


class Start(Idle):
    """One that overrides a hook."""

    __module__ = Idle.__module__

    def __init__(self) -> None:
        self.calls = 0

    def on_train_batch_start(self, *about: Any) -> None:
        self.calls += 1


def test_hooks_that_are_left_empty_are_passed_over_and_others_called(small_game: Game, fit: Fit) -> None:
    idle, own, given, told = Idle(), Start(), [], Idle()
    told.on_train_batch_end = lambda *_: given.append(1)
    game = small_game()
    fit(game, steps=4, callbacks=[idle, own, told])
    assert [getattr(idle, hook) for hook in HOOKS] == [None, None, None]
    assert [getattr(own, hook) is None for hook in HOOKS] == [False, True, True] and own.calls == 4
    assert [getattr(told, hook) is None for hook in HOOKS] == [True, True, False] and len(given) == 4
    assert game.on_train_batch_start is game.on_before_optimizer_step is None and game.on_train_batch_end is not None


def test_those_of_others_are_left_alone(small_game: Game, fit: Fit) -> None:
    given: list[int] = []
    plain, ends = Callback(), LambdaCallback(on_train_batch_end=lambda *_: given.append(1))
    fit(small_game(), steps=2, callbacks=[plain, ends])
    assert all(callable(getattr(part, hook)) for part in (plain, ends) for hook in HOOKS) and given == [1, 1]


def test_a_hook_that_another_callback_wraps_where_training_starts_is_called(small_game: Game, fit: Fit) -> None:
    idle, given = Idle(), []

    def wrap(*_: Any) -> None:
        inner = idle.on_train_batch_end
        idle.on_train_batch_end = lambda *about: (given.append(1), inner(*about))

    fit(small_game(), steps=2, callbacks=[idle, LambdaCallback(on_train_start=wrap)])
    assert given == [1, 1]


def test_a_hook_that_a_class_gets_between_two_trainings_is_called(small_game: Game, fit: Fit) -> None:
    class Later(Idle):
        __module__ = Idle.__module__

    given: list[int] = []
    later = Later()
    fit(small_game(), steps=1, callbacks=[later])
    Later.on_train_batch_end = lambda *_: given.append(1)
    fit(small_game(), steps=1, callbacks=[later])
    assert given == [1]


def test_a_variant_with_hooks_of_its_own_has_them_called(small_game: Game, fit: Fit) -> None:
    Counted.calls = []
    fit(small_game(Counted), steps=3)
    assert Counted.calls == ["start", "step"] * 3


def test_a_signature_that_was_read_says_what_it_said(small_game: Game, fit: Fit) -> None:
    game = small_game()
    known = vars(type(game).training_step)
    known.pop("__signature__", None)  # of a training before
    before = inspect.getfullargspec(game.training_step)
    fit(game, steps=1)
    assert "__signature__" in known and inspect.getfullargspec(game.training_step) == before
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


def test_a_batch_from_elsewhere_is_moved(small_game: Game) -> None:
    game, cpu, meta = small_game(), torch.device("cpu"), torch.device("meta")
    game.come_as_they_are, game._trainer = True, MagicMock(training=True, lightning_module=game)
    game._trainer._data_connector._datahook_selector.get_instance.return_value = game
    batch = Batch(torch.zeros(2, 2), None)
    assert game._apply_batch_transfer_handler(batch, cpu) is batch
    assert game._apply_batch_transfer_handler(batch, meta).real.device == meta
    apart = Batch(torch.zeros(2, 2, device=meta), None, torch.zeros(2, 2))  # a domain too large for the device
    assert game._apply_batch_transfer_handler(apart, meta).source.device == meta


def test_what_is_no_training_batch_takes_lightnings_way(small_game: Game, fit: Fit) -> None:
    game = small_game()
    fit(game, steps=1)
    samples = torch.zeros(4, 2)
    assert game.come_as_they_are and game._on_before_batch_transfer([samples])[0] is samples
    loader = DataLoader(TensorDataset(samples), batch_size=4)
    game.predict_step = lambda batch, *rest: batch[0] + 1  # type: ignore[method-assign]
    (found,) = Trainer(logger=False, accelerator="cpu", enable_progress_bar=False).predict(game, loader)
    assert torch.equal(found, samples + 1)
