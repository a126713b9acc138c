"""Whose turn it is: what each player's step moves, and on which samples."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from lightning import Callback, Trainer
from torch import Tensor, nn

from gan_lightning.data.loader import Batch
from gan_lightning.models.base import AdversarialModule

Game = Callable[..., AdversarialModule]
Fit = Callable[..., Trainer]
Each = Callable[..., Callback]
Watch = Callable[..., AdversarialModule]
Flat = Callable[[nn.Module], Tensor]

STILL = partial(torch.optim.SGD, lr=0.0)
MOVING = partial(torch.optim.SGD, lr=0.1)


def test_each_player_moves_in_its_own_step_alone(fit: Fit, each_iteration: Each, watched: Watch, flat: Flat):
    moments: list[tuple[str, Tensor, Tensor]] = []

    def note(name: str, batch: Batch | None) -> None:
        moments.append((name, flat(game.discriminator), flat(game.generator)))

    game = watched(note, n_critic=2)
    fit(game, steps=3, callbacks=[each_iteration(lambda game: note("generator ends", None))])
    cycle = ["discriminator begins", "discriminator ends"] * 2 + ["generator begins", "generator ends"]
    assert [name for name, _, _ in moments] == cycle * 3
    for (name, d, g), (_, next_d, next_g) in zip(moments, moments[1:], strict=False):
        assert torch.equal(d, next_d) == (name != "discriminator begins")
        assert torch.equal(g, next_g) == (name != "generator begins")


@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_a_player_with_a_rate_of_zero_stays_where_it_is(player: str, small_game: Game, fit: Fit, flat: Flat):
    game = small_game(optimizers={"generator": MOVING, "discriminator": MOVING} | {player: STILL})
    before = {name: flat(getattr(game, name)) for name in ("generator", "discriminator")}
    fit(game, steps=4)
    for name, start in before.items():
        assert torch.equal(flat(getattr(game, name)), start) == (name == player)


def test_the_discriminator_takes_n_critic_steps_an_iteration_each_on_fresh_samples(
    fit: Fit, points: Any, watched: Watch
):
    seen: list[tuple[str, Batch | None]] = []
    game = watched(lambda name, batch: seen.append((name, batch)), n_critic=3)
    data = points(num_samples=64, batch_size=4, minibatches=3)
    fit(game, steps=5, data=data)  # 5 iterations of 12 samples are one epoch of 64
    assert [name for name, _ in seen].count("discriminator ends") == 3 * 5
    judged = [batch.real for name, batch in seen if name == "discriminator begins" and batch is not None]
    assert [len(real) for real in judged] == [4] * 15
    assert len(torch.unique(torch.cat(judged), dim=0)) == 60
    training_set = data.prepare(data.train_samples.values, torch.Generator())
    assert all((training_set == sample).all(1).any() for sample in torch.cat(judged))


def test_the_generators_step_is_given_the_last_minibatch(fit: Fit, watched: Watch):
    seen: list[tuple[str, Batch | None]] = []
    game = watched(lambda name, batch: seen.append((name, batch)), n_critic=2)
    fit(game, steps=1)
    batches = [batch for _, batch in seen if batch is not None]
    assert [name for name, batch in seen if batch is not None][-1] == "generator begins"
    assert batches[2] is batches[1] and batches[1] is not batches[0]


class Counting(torch.optim.SGD):
    """SGD that counts its steps by its rate."""

    steps: dict[float, int] = {}

    def step(self, *args: Any, **kwargs: Any) -> Any:
        rate = self.defaults["lr"]
        Counting.steps[rate] = Counting.steps.get(rate, 0) + 1
        return super().step(*args, **kwargs)


@pytest.mark.parametrize("n_critic", [1, 3])
def test_global_step_counts_generator_updates_alone_and_max_steps_ends_them(n_critic: int, small_game: Game, fit: Fit):
    Counting.steps = {}
    optimizers = {"generator": partial(Counting, lr=0.01), "discriminator": partial(Counting, lr=0.02)}
    trainer = fit(small_game(optimizers=optimizers, n_critic=n_critic), steps=7)
    assert trainer.global_step == 7
    assert Counting.steps == {0.01: 7, 0.02: 7 * n_critic}


def test_an_epoch_is_as_many_iterations_as_it_has_batches(small_game: Game, fit: Fit, points: Any):
    data = points(num_samples=50, batch_size=4, minibatches=2)  # 6 whole batches of 8
    assert fit(small_game(n_critic=2), steps=-1, data=data, max_epochs=3).global_step == 18


def test_every_discriminator_step_and_every_generator_step_has_noise_of_its_own(small_game: Game, fit: Fit):
    game, drawn = small_game(n_critic=3), []
    draw = game.latents

    def latents(n: int, randomness: torch.Generator | None = None) -> Tensor:
        drawn.append(draw(n, randomness))
        return drawn[-1]

    game.latents = latents  # type: ignore[method-assign]
    fit(game, steps=5)
    assert len(torch.cat(drawn)) == len(torch.unique(torch.cat(drawn), dim=0)) == 5 * 4 * (3 + 1)
