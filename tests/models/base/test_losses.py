"""Every loss plays with every penalty."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from lightning import Trainer
from torch import Tensor, nn

from gan_lightning.losses import (
    Hinge,
    LeastSquares,
    Loss,
    Minimax,
    NonSaturating,
    Relativistic,
    RelativisticAverage,
    Wasserstein,
)
from gan_lightning.models.base import AdversarialModule
from gan_lightning.models.gan import GAN
from gan_lightning.penalties import R1, R2, Dragan, Gradient

Game = Callable[..., AdversarialModule]
Fit = Callable[..., Trainer]
Flat = Callable[[nn.Module], Tensor]

GP = Gradient(10.0, 1.0, one_sided=False, every=1)
DRAGAN = Dragan(1.0, 1.0, 0.5, every=1)


LOSSES = [
    *(NonSaturating(), Minimax(), LeastSquares(0.0, 1.0, 1.0), Hinge(), Relativistic(), RelativisticAverage()),
    Wasserstein(),
]


@pytest.mark.filterwarnings("ignore:nothing bounds this Wasserstein critic")
@pytest.mark.parametrize(
    "penalties", [{}, {"r1": R1(1.0, every=1), "r2": R2(1.0, every=1)}, {"gp": GP}, {"dragan": DRAGAN}], ids="+".join
)
@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
def test_every_loss_plays_with_every_penalty(
    loss: Loss, penalties: dict[str, Any], small_game: Game, fit: Fit, flat: Flat
):
    game = small_game(GAN, loss, penalties)
    before = {name: flat(getattr(game, name)) for name in ("generator", "discriminator")}
    fit(game, steps=3)
    for name, start in before.items():
        assert flat(getattr(game, name)).isfinite().all()
        assert not torch.equal(flat(getattr(game, name)), start)


def test_a_rare_penalty_is_in_the_iterations_that_are_its_multiples(
    small_game: Game, fit: Fit, memory_logger: Any, flat: Flat
):
    def trained(steps: int, **penalties: Any) -> Tensor:
        game = small_game(penalties=penalties, n_critic=2)
        fit(game, steps=steps, loggers=[memory_logger])
        return flat(game.discriminator)

    rare = R1(5.0, every=3)
    assert torch.equal(trained(2, r1=rare), trained(2)) and not torch.equal(trained(3, r1=rare), trained(3))
    memory_logger.records.clear()
    trained(7, r1=rare)
    assert [step for step, figures in memory_logger.records if "penalty/r1" in figures] == [3, 6]
