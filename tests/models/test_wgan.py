"""The clipped critic."""

from collections.abc import Callable
from functools import partial

import pytest
import torch
from lightning import Trainer

from gan_lightning.critique import Critique
from gan_lightning.losses import Wasserstein
from gan_lightning.models.base import AdversarialModule
from gan_lightning.models.wgan import WGAN

RMSPROP = partial(torch.optim.RMSprop, lr=5e-3)


@pytest.mark.parametrize("clip", [0.01, 0.1])
def test_after_each_critic_step_every_weight_lies_within_the_bound(
    clip: float, small_game: Callable[..., AdversarialModule], fit: Callable[..., Trainer]
):
    game = small_game(WGAN, Wasserstein(), optimizer=RMSPROP, n_critic=3, clip=clip)
    largest: list[tuple[float, float]] = []

    def size() -> float:
        return max(parameter.abs().max().item() for parameter in game.discriminator.parameters())

    def clipped() -> None:
        before = size()
        WGAN.after_discriminator_step(game)
        largest.append((before, size()))

    game.after_discriminator_step = clipped  # type: ignore[method-assign]
    fit(game, steps=4)
    bound = torch.tensor(clip).item()
    assert len(largest) == 12
    assert all(before > bound and after == bound for before, after in largest)


def test_the_generator_is_not_clipped(small_game: Callable[..., AdversarialModule], fit: Callable[..., Trainer]):
    game = small_game(WGAN, Wasserstein(), optimizer=RMSPROP, clip=0.01)
    fit(game, steps=2)
    assert max(parameter.abs().max().item() for parameter in game.generator.parameters()) > 0.1


def test_a_weight_within_the_bound_is_left_alone(small_game: Callable[..., AdversarialModule]):
    game = small_game(WGAN, Wasserstein(), clip=0.2)
    weight = game.discriminator.get_parameter("layers.0.weight")
    weight.data.copy_(torch.linspace(-0.4, 0.4, 16).reshape(8, 2))
    before = weight.detach().clone()
    game.after_discriminator_step()
    inside = before.abs() <= 0.2
    assert 0 < inside.sum() < 16
    assert torch.equal(weight[inside], before[inside])
    assert torch.equal(weight[~inside], 0.2 * before[~inside].sign())


def test_the_distance_estimate_is_the_difference_of_the_means(small_game: Callable[..., AdversarialModule]):
    game = small_game(WGAN, Wasserstein(), clip=0.01)
    game.diagnose(Critique(lambda logits: logits, torch.tensor([3.0, 5.0]), torch.tensor([1.0, -2.0])))
    assert {name: value.item() for name, value in game.scalars.items()} == {"wasserstein": 4.5}
