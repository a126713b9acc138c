"""Both learning rates follow the schedule."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning import Callback, Trainer
from torch import Tensor, nn

from gan_lightning.models.base import AdversarialModule
from gan_lightning.schedules import Constant, Cosine, Linear

Game = Callable[..., AdversarialModule]
Fit = Callable[..., Trainer]
Each = Callable[..., Callback]
Flat = Callable[[nn.Module], Tensor]


@pytest.mark.parametrize("schedule", [Constant(), Linear(start=0.5, final=0.0), Cosine(start=0.0, final=0.2)])
@pytest.mark.parametrize("length", [{"steps": 8}, {"steps": -1, "max_epochs": 2}], ids=["max_steps", "max_epochs"])
def test_both_rates_follow_the_schedule_to_its_end(
    schedule: Any, length: dict[str, int], small_game: Game, fit: Fit, points: Any, each_iteration: Each
):
    rates: list[tuple[float, float]] = []

    def note(game: AdversarialModule) -> None:
        discriminator, generator = game.trainer.optimizers
        rates.append((discriminator.param_groups[0]["lr"], generator.param_groups[0]["lr"]))

    optimizers = {"generator": partial(torch.optim.SGD, lr=0.1), "discriminator": partial(torch.optim.SGD, lr=0.4)}
    game = small_game(optimizers=optimizers, schedule=schedule, n_critic=2)
    data = points(num_samples=32, batch_size=4, minibatches=2)  # 4 iterations an epoch
    fit(game, data=data, callbacks=[each_iteration(note)], **length)
    factors = [schedule(step / 8) for step in range(1, 9)]  # for the iteration behind each step
    assert [rate for rate, _ in rates] == pytest.approx([0.4 * factor for factor in factors], abs=1e-9)
    assert [rate for _, rate in rates] == pytest.approx([0.1 * factor for factor in factors], abs=1e-9)


def test_the_first_iteration_has_the_full_rate(small_game: Game, fit: Fit, flat: Flat):
    game = small_game(optimizer=partial(torch.optim.SGD, lr=1.0), schedule=Linear(start=0.0, final=0.0))
    before = flat(game.generator)
    fit(game, steps=1)
    moved = torch.cat([parameter.grad.flatten() for parameter in game.generator.parameters()])
    torch.testing.assert_close(flat(game.generator), before - moved)


def test_a_resumed_run_has_the_rates_that_it_was_given(
    small_game: Game, fit: Fit, each_iteration: Each, tmp_path: Path
):
    """As the guard advises: with a lower rate from the last checkpoint."""
    fit(small_game(optimizer=partial(torch.optim.Adam, lr=0.1)), steps=4).save_checkpoint(
        tmp_path / "a.ckpt", weights_only=False
    )
    rates: list[float] = []

    def note(game: AdversarialModule) -> None:
        rates.extend(optimizer.param_groups[0]["lr"] for optimizer in game.trainer.optimizers)

    game = small_game(optimizer=partial(torch.optim.Adam, lr=0.02), schedule=Linear(start=0.0, final=0.0))
    fit(game, steps=8, callbacks=[each_iteration(note)], ckpt_path=tmp_path / "a.ckpt")
    expected = [rate for step in (5, 6, 7, 8) for rate in [0.02 * (1 - step / 8)] * 2]
    assert rates == pytest.approx(expected, abs=1e-9)
