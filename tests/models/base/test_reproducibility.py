"""A run is a function of its seed, and nothing that watches changes it."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch
from lightning import Callback, Trainer
from torch import Tensor, nn

from gan_lightning.callbacks.evaluation import Evaluation
from gan_lightning.kernel_loss import SquaredMMD
from gan_lightning.kernels import RationalQuadratic
from gan_lightning.losses import (
    Wasserstein,
)
from gan_lightning.metrics.cross_entropy import CrossEntropy
from gan_lightning.metrics.modes import ModeCoverage
from gan_lightning.metrics.wasserstein import Wasserstein2
from gan_lightning.models.base import AdversarialModule
from gan_lightning.models.bigan import BiGAN
from gan_lightning.models.gan import GAN
from gan_lightning.models.mmdgan import MMDGAN
from gan_lightning.models.pacgan import PacGAN
from gan_lightning.models.unrolled import UnrolledGAN
from gan_lightning.models.wgan import WGAN
from gan_lightning.models.wgan_gp import WGANGP
from gan_lightning.penalties import R1, Gradient

Game = Callable[..., AdversarialModule]
Fit = Callable[..., Trainer]
State = Callable[[nn.Module], dict[str, Tensor]]
Identical = Callable[[Mapping[str, Tensor], Mapping[str, Tensor]], bool]

GP = Gradient(10.0, 1.0, one_sided=False, every=1)
MMD = SquaredMMD(RationalQuadratic([1.0]))


def after(game: AdversarialModule, fit: Fit, state: State, **settings: Any) -> dict[str, Tensor]:
    fit(game, steps=5, **settings)
    return state(game)


def test_two_runs_with_one_seed_are_equal_to_the_bit_and_with_another_they_are_not(
    small_game: Game, fit: Fit, points: Any, state: State, identical: Identical
):
    first, again, other = (small_game(penalties={"gradient": GP}, n_critic=2) for _ in range(3))
    other.seed = 1  # the same weights and the same data
    torch.manual_seed(1)
    end = after(first, fit, state, data=points(minibatches=2))
    torch.manual_seed(2)  # what the process drew before is nothing to it
    assert identical(after(again, fit, state, data=points(minibatches=2)), end)
    assert not identical(after(other, fit, state, data=points(minibatches=2)), end)


class Disturbance(Callback):
    """Draws from the global random state wherever a callback could."""

    def on_train_batch_start(self, *args: Any) -> None:
        torch.randn(3)

    def on_train_batch_end(self, *args: Any) -> None:
        torch.randn(5)


@pytest.mark.parametrize(
    "settings",
    [
        {"model": GAN, "penalties": {"r1": R1(1.0, every=1)}},
        {"model": GAN, "discriminator_norm": "spectral", "n_critic": 2},
        {"model": GAN, "discriminator_norm": "batch", "generator_norm": "batch"},
        {"model": WGAN, "loss": Wasserstein(), "clip": 0.1, "n_critic": 2},
        {"model": WGANGP, "loss": Wasserstein(), "penalties": {"gradient": GP}, "n_critic": 2},
        {"model": WGANGP, "loss": Wasserstein(), "discriminator_norm": "spectral"},
        {"model": PacGAN, "pack": 2, "discriminator_norm": "batch"},
        {"model": UnrolledGAN, "unrolling": 2, "unrolling_lr": 0.1, "discriminator_norm": "spectral"},
        {"model": MMDGAN, "loss": MMD, "penalties": {"gradient": GP}, "features": 3, "discriminator_norm": "spectral"},
        {"model": BiGAN, "encoder": {"norm": "batch"}, "generator_norm": "batch", "discriminator_norm": "spectral"},
    ],
    ids="R1,spectral,batch norm,WGAN,WGAN-GP,spectral WGAN-GP,PacGAN,unrolled,MMD,BiGAN".split(","),
)
def test_logging_and_evaluating_change_no_bit_of_the_result(
    settings: dict[str, Any],
    small_game: Game,
    fit: Fit,
    state: State,
    identical: Identical,
    memory_logger: Any,
    tmp_path: Any,
):
    metrics = {"modes": ModeCoverage(20, 3.0), "w2": Wasserstein2(20), "cross_entropy": CrossEntropy(20)}
    evaluation = Evaluation(str(tmp_path), metrics, every=2, interval_n=None, repeats=2)
    in_silence = after(small_game(**settings), fit, state)
    observed = after(small_game(**settings), fit, state, callbacks=[evaluation, Disturbance()], loggers=[memory_logger])
    assert len(memory_logger.records) >= 5 + 4
    assert identical(observed, in_silence)
