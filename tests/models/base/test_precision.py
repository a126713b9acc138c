"""Lower and higher precision: penalties stay exact, and samples keep their type."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from lightning import Trainer
from torch import Tensor, nn

from gan_lightning.critique import Critique
from gan_lightning.data.loader import Batch
from gan_lightning.losses import (
    Loss,
)
from gan_lightning.models.base import AdversarialModule
from gan_lightning.penalties import R1

Game = Callable[..., AdversarialModule]
Fit = Callable[..., Trainer]
Watch = Callable[..., AdversarialModule]
Flat = Callable[[nn.Module], Tensor]


def test_under_bf16_each_discriminator_step_judges_with_the_weights_it_has(fit: Fit, watched: Watch):
    """Autocast could remember weights in bfloat16 for as long as an iteration takes."""
    fresh: list[bool] = []

    def compare(name: str, batch: Batch | None) -> None:
        if batch is not None:
            logits = game.discriminator(batch.real)
            with torch.autocast("cpu", dtype=torch.bfloat16, cache_enabled=False):
                fresh.append(torch.equal(logits, game.discriminator(batch.real)))

    game = watched(compare, n_critic=3, optimizer=partial(torch.optim.SGD, lr=1.0))
    fit(game, steps=2, precision="bf16-mixed")
    assert fresh == [True] * 8


def test_under_bf16_both_players_learn_and_samples_are_float32(small_game: Game, fit: Fit, flat: Flat):
    game = small_game(penalties={"r1": R1(1.0, every=1)}, n_critic=2)
    before = {name: flat(getattr(game, name)) for name in ("generator", "discriminator")}
    fit(game, steps=2, precision="bf16-mixed")
    for name, start in before.items():
        assert not torch.equal(flat(getattr(game, name)), start)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert game.fake(game.latents(3)).dtype == torch.float32
        assert game.generator(game.latents(3)).dtype == torch.bfloat16


class Nothing(Loss):
    """What leaves the critic to its penalty."""

    def discriminator(self, critique: Critique) -> Tensor:
        return torch.zeros(())

    def generator(self, critique: Critique) -> Tensor:
        return 0 * critique.fake_logits.sum()


def test_under_bf16_the_penaltys_gradient_is_float32s(fit: Fit, watched: Watch, flat: Flat):
    moved = {}
    for precision in ("32-true", "bf16-mixed"):
        game = watched(
            lambda *moment: None,
            loss=Nothing(),
            penalties={"r1": R1(1.0, every=1)},
            optimizer=partial(torch.optim.SGD, lr=1.0),
        )
        before = flat(game.discriminator)
        fit(game, steps=1, precision=precision)
        moved[precision] = flat(game.discriminator) - before
    assert moved["32-true"].norm() > 0.01
    torch.testing.assert_close(moved["bf16-mixed"], moved["32-true"], rtol=1e-5, atol=1e-7)


def test_a_run_in_double_precision_draws_in_double_precision(small_game: Any, fit: Any):
    game = small_game()
    fit(game, steps=2, precision="64-true")
    assert game.latents(3).dtype == game.latents(3, torch.Generator()).dtype == torch.float64
    assert all(parameter.dtype == torch.float64 for parameter in game.parameters())
