"""Two translators against two critics."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning import Trainer
from torch import Tensor, nn

from gan_lightning import noise
from gan_lightning.callbacks.checkpoint import IntervalCheckpoint
from gan_lightning.data.loader import Batch
from gan_lightning.data.unpaired_gaussians import UnpairedGaussians
from gan_lightning.errors import UsageError
from gan_lightning.losses import LeastSquares
from gan_lightning.models.cyclegan import CycleGAN
from gan_lightning.networks import mlp, point_translator, translator
from gan_lightning.penalties import R1, R2
from gan_lightning.schedules import Constant
from gan_lightning.speed import Speed

RING = {"kind": "ring", "modes": None, "radius": None, "sigma": None}
SQUARES = LeastSquares(0.0, 1.0, 1.0)
SPEED = Speed(one_pass=True, channels_last=False, im2col=False, share_fakes=False, compile=False)


class Scaled(nn.Module):
    """x to `factor` x: a translator, or with the first number alone a critic, whose terms can be worked out."""

    def __init__(self, shape: tuple[int, ...], factor: float, judges: bool = False) -> None:
        super().__init__()
        self.factor = nn.Parameter(torch.tensor(factor))
        self.latent_dim, self.judges = shape[0], judges

    def forward(self, samples: Tensor) -> Tensor:
        return self.factor * (samples[:, 0] if self.judges else samples)


def make(generator: Any = None, discriminator: Any = None, shape: tuple[int, ...] = (2,), **own: Any) -> CycleGAN:
    """A game of small perceptrons on points."""
    layers = {"width": 8, "depth": 1, "activation": "relu", "norm": "none"}
    optimizer = partial(torch.optim.Adam, lr=1e-2)
    settings = {
        **{"cycle": 10.0, "identity": 5.0, "pool": 6, "num_classes": 0, "loss": SQUARES, "penalties": {}},
        **{"schedule": Constant(), "n_critic": 1, "ema": 0.9, "max_grad_norm": None, "seed": 0, "speed": SPEED},
        "optimizers": {"generator": optimizer, "discriminator": optimizer},
    }
    torch.manual_seed(0)
    return CycleGAN(
        shape=shape,
        generator=generator or partial(point_translator.Generator, **layers),
        discriminator=discriminator or partial(mlp.Discriminator, **layers),
        **settings | own,
    )


def points_of_two(num_samples: int = 20, minibatches: int = 1) -> UnpairedGaussians:
    target = RING | {"radius": 3.0}
    return UnpairedGaussians(RING, target, num_samples, batch_size=4, minibatches=minibatches, seed=0)


def scaled(there: float, back: float, critics: tuple[float, float], **own: Any) -> CycleGAN:
    """A game whose translators and critics multiply by what is given."""
    game = make(partial(Scaled, factor=1.0), partial(Scaled, factor=1.0, judges=True), **own)
    with torch.no_grad():
        factors = [game.translators.to_target.factor, game.translators.to_source.factor]
        factors += [game.critics.of_target.factor, game.critics.of_source.factor]
        for factor, value in zip(factors, (there, back, *critics), strict=True):
            factor.fill_(value)  # type: ignore[operator]
    return game


SOURCE, TARGET = torch.tensor([[1.0, -1.0]]), torch.tensor([[2.0, 4.0]])
BATCH = Batch(TARGET, None, SOURCE)


def test_the_translators_pay_for_both_critics_both_cycles_and_both_identities() -> None:
    game = scaled(there=2.0, back=3.0, critics=(0.5, 0.25))
    adversarial = (0.5 * 2 - 1) ** 2 / 2 + (0.25 * 6 - 1) ** 2 / 2  # G(x) starts with 2, F(y) with 6
    cycle = 5 * 1 + 5 * 3  # |6x - x| and |6y - y| in the mean
    identity = 1 * 3 + 2 * 1  # |2y - y| and |3x - x|
    assert game.generator_loss(BATCH).item() == pytest.approx(adversarial + 10 * cycle + 5 * identity)
    without = scaled(2.0, 3.0, (0.5, 0.25), identity=0.0, cycle=0.0)
    assert without.generator_loss(BATCH).item() == pytest.approx(adversarial)


def test_each_critic_judges_its_own_domain_and_pays_its_own_penalties() -> None:
    game = scaled(2.0, 3.0, (0.5, 0.25), penalties={"r1": R1(1.0, every=1), "r2": R2(2.0, every=1)})
    target = ((0.5 * 2 - 1) ** 2 + (0.5 * 2) ** 2) / 2  # y starts with 2, G(x) with 2
    source = ((0.25 * 1 - 1) ** 2 + (0.25 * 6) ** 2) / 2  # x starts with 1, F(y) with 6
    slopes = 3 * (0.5**2 + 0.25**2)
    assert game.discriminator_loss(BATCH).item() == pytest.approx(target + source + slopes)


def test_the_critics_step_gives_the_translators_no_gradient_and_fills_both_pools() -> None:
    game = make()
    game.discriminator_loss(BATCH).backward()
    assert all(parameter.grad is None for parameter in game.translators.parameters())
    assert all(parameter.grad is not None for parameter in game.critics.parameters())
    assert (game.target_pool.filled, game.source_pool.filled) == (1, 1)
    torch.testing.assert_close(game.target_pool.kept[:1], game.translators(SOURCE))
    torch.testing.assert_close(game.source_pool.kept[:1], game.translators.back(TARGET))


def test_latents_are_held_out_sources_and_samples_their_translations() -> None:
    game, data = make(), points_of_two()
    game.meet(data)
    latents = game.latents(5, noise.generator(1))
    torch.testing.assert_close(latents, data.scale(data.held_out_source(5, noise.generator(1))))
    assert game.prior.normal_dim == 0 and game.prior.labels(latents) is None
    torch.testing.assert_close(game.sample(latents, "raw"), game.translators(latents))
    assert len(eval(game.prior.python, {"numpy": __import__("numpy")})) == 16


def test_data_of_one_domain_are_refused(points: Callable[..., Any]) -> None:
    with pytest.raises(UsageError, match="^this model needs two domains: choose data=unpaired_mnist"):
        make().meet(points())


def image_game() -> CycleGAN:
    return make(
        partial(translator.Generator, width=2, blocks=1, norm="instance"),
        partial(translator.Discriminator, width=2, layers=1, norm="instance"),
        (1, 8, 8),
    )


def test_a_sheet_has_rows_of_sources_translations_and_what_comes_back() -> None:
    game = image_game()
    latents = torch.rand(16, 64) * 2 - 1
    shown = game.exhibit(latents)
    assert shown.shape == (48, 1, 8, 8)
    average = game.network("ema")
    for row, start in ((0, 0), (3, 8)):
        rows = shown.split(8)[row : row + 3]
        assert torch.equal(rows[0].flatten(1), latents[start : start + 8])
        torch.testing.assert_close(rows[1], average(rows[0]))
        torch.testing.assert_close(rows[2], average.back(rows[1]))  # type: ignore[operator]
    assert game.judge(shown).shape == (48, 2, 2)  # a map each


def test_a_picture_of_points_shows_the_translations() -> None:
    game = make()
    game.meet(points_of_two())
    latents, columns = game.showcase(7, noise.generator(0))
    assert latents.shape == (7, 2) and columns is None
    torch.testing.assert_close(game.exhibit(latents), game(latents))


@pytest.mark.parametrize("n_critic", [1, 2])
def test_a_run_resumed_in_mid_epoch_equals_the_uninterrupted_one_pools_included(
    n_critic: int, fit: Callable[..., Trainer], tmp_path: Path, state: Any, identical: Any
) -> None:
    def play(folder: Path, steps: int, **settings: Any) -> CycleGAN:
        game = make(n_critic=n_critic)
        keep = IntervalCheckpoint(str(folder), 8, None, None, None, "min")
        data = points_of_two(20 * n_critic, n_critic)  # five iterations an epoch
        game.meet(data)
        fit(game, steps, data, [keep], **settings)
        return game

    whole = play(tmp_path / "whole", 12)
    resumed = play(tmp_path / "resumed", 12, ckpt_path=tmp_path / "whole" / "checkpoints" / "00000008.ckpt")
    assert whole.target_pool.filled == 6 and "target_pool.kept" in whole.state_dict()
    assert identical(state(whole), state(resumed))


def test_what_is_logged_has_both_domains(fit: Callable[..., Trainer], memory_logger: Any) -> None:
    game = make(penalties={"r1": R1(0.1, every=1)})
    game.meet(points_of_two())
    fit(game, 2, points_of_two(), loggers=[memory_logger])
    assert {name for _, figures in memory_logger.records for name in figures} >= {
        *("loss/discriminator", "loss/generator", "cycle", "identity", "penalty/r1"),
        *(f"{panel}/{side}" for panel in ("score", "score_source") for side in ("real", "fake_before", "fake_after")),
    }
