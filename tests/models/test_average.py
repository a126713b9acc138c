"""The moving average of the generator."""

from collections.abc import Callable, Mapping
from functools import partial

import pytest
import torch
from lightning import Callback, Trainer
from torch import Tensor, nn

from gan_lightning.models.average import MovingAverage
from gan_lightning.models.base import AdversarialModule

State = Callable[[nn.Module], dict[str, Tensor]]
Identical = Callable[[Mapping[str, Tensor], Mapping[str, Tensor]], bool]


class Number(nn.Module):
    """A generator of one weight."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = nn.Parameter(torch.tensor(value, dtype=torch.float64))

    def set(self, value: float) -> None:
        self.value.data.fill_(value)


def averaged(start: float, values: list[float], decay: float) -> float:
    """The average after the live weight has had `values` at the updates 1, 2, ..."""
    live = Number(start)
    average = MovingAverage(live, decay)
    average.follow(live)
    for step, value in enumerate(values, 1):
        live.set(value)
        average.update(step)
    assert live.value.item() == (values[-1] if values else start)
    return average.generator.value.item()


def test_the_first_update_forgets_nine_elevenths():
    """Weight of the past at most (1 + t) / (10 + t): 2/11 at t = 1."""
    assert averaged(11.0, [0.0], decay=0.999) == pytest.approx(2.0, rel=1e-12)


def test_while_it_warms_up_the_past_weighs_one_plus_t_over_ten_plus_t():
    values = [3.0, -1.0, 4.0, 1.0, -5.0]
    expected = 7.0
    for step, value in enumerate(values, 1):
        past = (1 + step) / (10 + step)
        expected = past * expected + (1 - past) * value
    assert averaged(7.0, values, decay=0.999) == pytest.approx(expected, rel=1e-12)


def test_warmed_up_it_decays_geometrically():
    """With decay 1/2 the warm-up ends at (1 + 8) / (10 + 8)."""
    warm = averaged(1.0, [0.0] * 8, decay=0.5)
    expected = 1.0
    for step in range(1, 9):
        expected *= (1 + step) / (10 + step)
    assert warm == pytest.approx(expected, rel=1e-12)
    assert averaged(1.0, [0.0] * 13, decay=0.5) == pytest.approx(expected * 0.5**5, rel=1e-12)


def test_it_is_a_weighted_mean_of_the_past():
    assert averaged(5.0, [5.0] * 20, decay=0.9) == pytest.approx(5.0, rel=1e-12)
    assert 0.0 < averaged(0.0, [1.0] * 20, decay=0.9) < 1.0


def test_buffers_are_copied_as_they_stand():
    live = nn.BatchNorm1d(3)
    average = MovingAverage(live, 0.999)
    average.follow(live)
    live(5 + 2 * torch.randn(16, 3))
    average.update(1)
    for name, buffer in live.named_buffers():
        assert torch.equal(average.generator.get_buffer(name), buffer)
    assert average.generator.get_buffer("num_batches_tracked").item() == 1
    assert not torch.equal(live.running_mean, torch.zeros(3))


def test_it_starts_as_a_copy_that_learns_nothing_by_itself():
    live = nn.Linear(2, 2)
    average = MovingAverage(live, 0.9)
    for own, theirs in zip(average.generator.parameters(), live.parameters(), strict=True):
        assert torch.equal(own, theirs)
        assert own.data_ptr() != theirs.data_ptr()
        assert not own.requires_grad and theirs.requires_grad


def test_the_average_follows_the_generator_and_not_the_discriminator(
    small_game: Callable[..., AdversarialModule], fit: Callable[..., Trainer], state: State, identical: Identical
):
    still, moving = partial(torch.optim.SGD, lr=0.0), partial(torch.optim.SGD, lr=0.1)
    for player, stays in (("generator", False), ("discriminator", True)):
        game = small_game(optimizers={"generator": still, "discriminator": still} | {player: moving}, ema=0.5)
        assert game.average is not None
        before = state(game.average)
        fit(game, steps=3)
        assert identical(state(game.average), before) == stays
        assert {name.removeprefix("generator.") for name in before} == set(state(game.generator))


def test_after_a_fit_the_average_is_that_of_the_generators_weights_at_each_step(
    small_game: Callable[..., AdversarialModule],
    fit: Callable[..., Trainer],
    state: State,
    each_iteration: Callable[..., Callback],
):
    game = small_game(ema=0.3, generator_norm="batch")
    assert game.average is not None
    expected = state(game.generator)
    parameters = {name for name, _ in game.generator.named_parameters()}

    def follow(game: AdversarialModule) -> None:
        past = min(0.3, (1 + game.global_step) / (10 + game.global_step))
        for name, live in state(game.generator).items():
            expected[name] = past * expected[name] + (1 - past) * live if name in parameters else live

    fit(game, steps=5, callbacks=[each_iteration(follow)])
    for name, value in state(game.average.generator).items():
        torch.testing.assert_close(value, expected[name], rtol=1e-5, atol=1e-7)


def test_its_state_survives_a_round_trip(state: State, identical: Identical):
    live = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    average = MovingAverage(live, 0.9)
    average.follow(live)
    live(torch.randn(8, 2))
    average.update(1)
    restored = MovingAverage(nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3)), 0.9)
    assert not identical(state(restored), state(average))
    restored.load_state_dict(average.state_dict())
    assert identical(state(restored), state(average))


def test_a_restored_average_still_follows(state: State, identical: Identical):
    """Loading copies into the tensors that are followed: neither side is replaced."""
    live = Number(1.0)
    average = MovingAverage(live, 0.5)
    average.follow(live)
    live.load_state_dict({"value": torch.tensor(11.0, dtype=torch.float64)})
    average.load_state_dict({"generator.value": torch.tensor(0.0, dtype=torch.float64)})
    average.update(1)
    assert average.generator.value.item() == pytest.approx(9.0, rel=1e-12)


def test_no_average_is_kept_with_a_decay_of_zero(small_game: Callable[..., AdversarialModule]):
    game = small_game(ema=0)
    assert game.average is None
    assert game.weights == ("raw",)
    assert not any(name.startswith("average") for name in game.state_dict())
    assert small_game(ema=0.9).weights == ("ema", "raw")
