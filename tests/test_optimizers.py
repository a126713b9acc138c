"""torch's optimizers: what each takes is what the table says, and each of them can play a game."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest
import torch
from lightning import Trainer
from omegaconf import DictConfig

from gan_lightning.errors import UsageError
from gan_lightning.optimizers import SETTINGS, names_of, try_optimizers
from gan_lightning.validation import drop_unchosen, validate

CANT = {"LBFGS", "SparseAdam", "Muon", "Optimizer"}
"""Steps that ask for the loss again, for sparse gradients, or for matrices alone; and what all are made of."""


def test_the_table_is_torchs() -> None:
    classes = {name: value for name, value in vars(torch.optim).items() if isinstance(value, type)}
    known = {name for name, value in classes.items() if issubclass(value, torch.optim.Optimizer)}
    assert known - CANT == SETTINGS.keys()
    for name, settings in SETTINGS.items():
        taken = list(inspect.signature(classes[name]).parameters)[1:]
        assert sorted(settings) == sorted(taken), name


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_each_can_play(name: str, small_game: Callable[..., Any], fit: Callable[..., Trainer]) -> None:
    def make(parameters: Any) -> torch.optim.Optimizer:
        optimizer: torch.optim.Optimizer = getattr(torch.optim, name)(parameters, lr=1e-3)
        return optimizer

    game = small_game(optimizer=make)
    before = [parameter.detach().clone() for parameter in game.generator.parameters()]
    fit(game, steps=2)
    after = list(game.generator.parameters())
    assert all(bool(new.isfinite().all()) for new in after)
    assert any(not torch.equal(old, new) for old, new in zip(before, after, strict=True))


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_each_suits_where_another_was_tuned(name: str, composed: Callable[..., DictConfig]) -> None:
    config = composed("model=gan", knobs=[f"optimizer.generator._target_=torch.optim.{name}"])
    drop_unchosen(config)
    validate(config)
    names = names_of(f"torch.optim.{name}")
    assert names is not None and {str(key) for key in config.optimizer.generator} <= names
    assert config.optimizer.generator.lr == 2e-3


def test_a_setting_that_one_does_not_take_is_named() -> None:
    def make(parameters: Any) -> torch.optim.Optimizer:
        return torch.optim.Adam(parameters, eps=-1)

    with pytest.raises(UsageError, match="optimizer.generator: Invalid epsilon value: -1"):
        try_optimizers({"generator": make}, {"generator": [torch.zeros(1, requires_grad=True)]}, (ValueError,))
