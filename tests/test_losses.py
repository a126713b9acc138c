"""Losses as functions of written-out logits: the critic of these tests is the identity, so samples are logits."""

import inspect
import math
from collections.abc import Iterable

import pytest
import torch
from torch import Tensor

from gan_lightning import losses
from gan_lightning.critique import Critique
from gan_lightning.losses import (
    Hinge,
    LeastSquares,
    Loss,
    Margin,
    Minimax,
    NonSaturating,
    Relativistic,
    RelativisticAverage,
    Wasserstein,
)

REAL = (2.0, -1.0, 0.5)
FAKE = (-0.5, 1.5, 3.0)
LSGAN = LeastSquares(a=-1.0, b=1.0, c=0.25)
NON_RELATIVISTIC = [NonSaturating(), Minimax(), LSGAN, Wasserstein(), Hinge(), Margin(2.0)]
RELATIVISTIC = [Relativistic(), RelativisticAverage()]
ALL = [*NON_RELATIVISTIC, *RELATIVISTIC]
LOGARITHMIC = [NonSaturating(), Minimax(), Relativistic(), RelativisticAverage()]
TOLERANCE = 1e-6


def sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


def mean(values: Iterable[float]) -> float:
    values = list(values)
    return math.fsum(values) / len(values)


def critique(real: Iterable[float] = REAL, fake: Iterable[float] = FAKE) -> Critique:
    return Critique(lambda logits: logits, torch.tensor(list(real)), torch.tensor(list(fake)))


def name(loss: Loss) -> str:
    return type(loss).__name__


def slopes(loss: Loss, fake: Iterable[float], real: Iterable[float] = REAL) -> list[float]:
    """Gradient of G's loss at each fake logit, times the number of them."""
    logits = torch.tensor(list(fake), requires_grad=True)
    loss.generator(Critique(lambda x: x, torch.tensor(list(real)), logits)).backward()
    assert logits.grad is not None
    return (logits.grad * len(logits)).tolist()


def average_relativistic(winners: Iterable[float], losers: Iterable[float]) -> float:
    winner, loser = mean(winners), mean(losers)
    return mean(-math.log(sigmoid(w - loser)) for w in winners) + mean(-math.log(sigmoid(winner - v)) for v in losers)


def cross_entropy() -> float:
    return mean(-math.log(sigmoid(r)) for r in REAL) + mean(-math.log(1 - sigmoid(f)) for f in FAKE)


def test_every_loss_is_in_these_tests():
    concrete = {
        value
        for value in vars(losses).values()
        if inspect.isclass(value) and issubclass(value, Loss) and not inspect.isabstract(value)
    }
    assert concrete == {type(loss) for loss in ALL}


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (NonSaturating(), cross_entropy()),
        (Minimax(), cross_entropy()),
        (LSGAN, mean((r - 1) ** 2 for r in REAL) / 2 + mean((f + 1) ** 2 for f in FAKE) / 2),
        (Wasserstein(), mean(FAKE) - mean(REAL)),
        (Hinge(), mean(max(0, 1 - r) for r in REAL) + mean(max(0, 1 + f) for f in FAKE)),
        (Relativistic(), mean(-math.log(sigmoid(r - f)) for r, f in zip(REAL, FAKE, strict=True))),
        (RelativisticAverage(), average_relativistic(REAL, FAKE)),
    ],
    ids=lambda value: name(value) if isinstance(value, Loss) else "",
)
def test_the_discriminators_loss_is_its_closed_form(loss: Loss, expected: float):
    value = loss.discriminator(critique())
    assert value.shape == ()
    assert value.item() == pytest.approx(expected, abs=TOLERANCE)


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (NonSaturating(), mean(-math.log(sigmoid(f)) for f in FAKE)),
        (Minimax(), mean(math.log(1 - sigmoid(f)) for f in FAKE)),
        (LSGAN, mean((f - 0.25) ** 2 for f in FAKE) / 2),
        (Wasserstein(), -mean(FAKE)),
        (Hinge(), -mean(FAKE)),
        (Relativistic(), mean(-math.log(sigmoid(f - r)) for r, f in zip(REAL, FAKE, strict=True))),
        (RelativisticAverage(), average_relativistic(FAKE, REAL)),
    ],
    ids=lambda value: name(value) if isinstance(value, Loss) else "",
)
def test_the_generators_loss_is_its_closed_form(loss: Loss, expected: float):
    value = loss.generator(critique())
    assert value.shape == ()
    assert value.item() == pytest.approx(expected, abs=TOLERANCE)


@pytest.mark.parametrize(
    ("loss", "discriminator", "generator"),
    [
        (NonSaturating(), 2 * math.log(2), math.log(2)),
        (Minimax(), 2 * math.log(2), -math.log(2)),
        (LeastSquares(a=0.0, b=1.0, c=1.0), 0.5, 0.5),
        (Wasserstein(), 0.0, 0.0),
        (Hinge(), 2.0, 0.0),
        (Relativistic(), math.log(2), math.log(2)),
        (RelativisticAverage(), 2 * math.log(2), 2 * math.log(2)),
    ],
    ids=lambda value: name(value) if isinstance(value, Loss) else "",
)
def test_what_both_players_pay_while_the_discriminator_is_undecided(loss: Loss, discriminator: float, generator: float):
    undecided = critique([0.0, 0.0], [0.0, 0.0])
    assert loss.discriminator(undecided).item() == pytest.approx(discriminator, abs=TOLERANCE)
    assert loss.generator(undecided).item() == pytest.approx(generator, abs=TOLERANCE)


@pytest.mark.parametrize(
    ("target", "changed", "discriminator", "generator"),
    [
        ("a", LeastSquares(a=2.0, b=0.0, c=0.0), 2.0, 0.0),
        ("b", LeastSquares(a=0.0, b=2.0, c=0.0), 2.0, 0.0),
        ("c", LeastSquares(a=0.0, b=0.0, c=2.0), 0.0, 2.0),
    ],
)
def test_least_squares_has_a_target_for_each_term(target: str, changed: Loss, discriminator: float, generator: float):
    zero = critique([0.0], [0.0])
    assert changed.discriminator(zero).item() == discriminator
    assert changed.generator(zero).item() == generator


def test_least_squares_takes_a_from_fakes_and_b_from_reals():
    loss = LeastSquares(a=-1.0, b=3.0, c=0.0)
    assert loss.discriminator(critique([3.0, 3.0], [-1.0, -1.0])).item() == 0.0
    assert loss.discriminator(critique([-1.0, -1.0], [3.0, 3.0])).item() == 16.0


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (NonSaturating(), [-(1 - sigmoid(f)) for f in FAKE]),
        (Minimax(), [-sigmoid(f) for f in FAKE]),
        (LeastSquares(a=0.0, b=1.0, c=4.0), [f - 4.0 for f in FAKE]),
        (Wasserstein(), [-1.0] * 3),
        (Hinge(), [-1.0] * 3),
        (Relativistic(), [-sigmoid(r - f) for r, f in zip(REAL, FAKE, strict=True)]),
        (
            RelativisticAverage(),
            [-sigmoid(mean(REAL) - f) - mean(sigmoid(r - mean(FAKE)) for r in REAL) for f in FAKE],
        ),
    ],
    ids=lambda value: name(value) if isinstance(value, Loss) else "",
)
def test_the_generators_gradient_is_its_closed_form_and_raises_the_fake_logits(loss: Loss, expected: list[float]):
    assert slopes(loss, FAKE) == pytest.approx(expected, abs=TOLERANCE)
    assert all(slope < 0 for slope in expected)


def test_where_the_discriminator_is_confident_minimax_gradients_vanish_and_non_saturating_ones_do_not():
    assert slopes(Minimax(), [-10.0]) == pytest.approx([-4.5397868702e-05], rel=1e-5)  # -1 / (1 + e^10)
    assert slopes(NonSaturating(), [-10.0]) == pytest.approx([-0.9999546021], abs=TOLERANCE)


def test_where_the_discriminator_is_fooled_it_is_the_other_way_round():
    assert slopes(Minimax(), [10.0]) == pytest.approx([-0.9999546021], abs=TOLERANCE)
    assert slopes(NonSaturating(), [10.0]) == pytest.approx([-4.5397868702e-05], rel=1e-5)


@pytest.mark.parametrize(
    ("loss", "expected"),
    [(NonSaturating(), 2000.0), (Minimax(), 2000.0), (Relativistic(), 2000.0), (RelativisticAverage(), 4000.0)],
    ids=lambda value: name(value) if isinstance(value, Loss) else "",
)
def test_a_logarithm_of_what_is_nearly_impossible_is_large_and_finite(loss: Loss, expected: float):
    wrong = critique([-1000.0], [1000.0])
    assert loss.discriminator(wrong).item() == expected
    assert math.isfinite(sum(slopes(loss, [1000.0])) + sum(slopes(loss, [-1000.0])))


@pytest.mark.parametrize("loss", RELATIVISTIC, ids=name)
def test_relativistic_losses_see_differences_alone(loss: Loss):
    shifted = critique([r + 3 for r in REAL], [f + 3 for f in FAKE])
    assert loss.discriminator(shifted).item() == pytest.approx(loss.discriminator(critique()).item(), abs=TOLERANCE)
    assert loss.generator(shifted).item() == pytest.approx(loss.generator(critique()).item(), abs=TOLERANCE)


@pytest.mark.parametrize("loss", RELATIVISTIC, ids=name)
def test_relativistic_players_exchange_sides(loss: Loss):
    assert loss.generator(critique(REAL, FAKE)).item() == loss.discriminator(critique(FAKE, REAL)).item()


@pytest.mark.parametrize("loss", RELATIVISTIC, ids=name)
def test_raising_the_real_logits_relieves_a_relativistic_discriminator_and_costs_the_generator(loss: Loss):
    raised = critique([r + 1 for r in REAL], FAKE)
    assert loss.discriminator(raised).item() < loss.discriminator(critique()).item() - 0.1
    assert loss.generator(raised).item() > loss.generator(critique()).item() + 0.1


def test_pairing_and_average_relativistic_losses_differ_where_logits_spread():
    spread = critique([4.0, -4.0], [4.0, -4.0])  # each pair is a draw, the means are 0
    assert Relativistic().discriminator(spread).item() == pytest.approx(math.log(2), abs=TOLERANCE)
    expected = 2 * mean(math.log1p(math.exp(logit)) for logit in (4.0, -4.0))
    assert RelativisticAverage().discriminator(spread).item() == pytest.approx(expected, abs=TOLERANCE)


@pytest.mark.parametrize("loss", LOGARITHMIC, ids=name)
def test_the_score_of_a_logarithmic_loss_is_a_probability(loss: Loss):
    logits = torch.tensor([-math.log(3), 0.0, math.log(3)])
    assert loss.score(logits).tolist() == pytest.approx([0.25, 0.5, 0.75], abs=TOLERANCE)


@pytest.mark.parametrize("loss", [LSGAN, Wasserstein(), Hinge()], ids=name)
def test_the_score_of_any_other_loss_is_the_logit(loss: Loss):
    assert loss.score(torch.tensor([-2.0, 0.0, 3.0])).tolist() == [-2.0, 0.0, 3.0]


class CountingCritic:
    """The identity that remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Tensor] = []

    def __call__(self, samples: Tensor) -> Tensor:
        self.asked.append(samples)
        return samples


@pytest.mark.parametrize("loss", NON_RELATIVISTIC, ids=name)
def test_the_generators_step_evaluates_the_fake_batch_alone(loss: Loss):
    critic, real, fake = CountingCritic(), torch.tensor(REAL), torch.tensor(FAKE)
    loss.generator(Critique(critic, real, fake))
    assert [samples is fake for samples in critic.asked] == [True]


@pytest.mark.parametrize("loss", RELATIVISTIC, ids=name)
def test_a_relativistic_generators_step_evaluates_each_batch_once(loss: Loss):
    critic, real, fake = CountingCritic(), torch.tensor(REAL), torch.tensor(FAKE)
    loss.generator(Critique(critic, real, fake))
    assert len(critic.asked) == 2
    assert {id(samples) for samples in critic.asked} == {id(real), id(fake)}


@pytest.mark.parametrize("loss", ALL, ids=name)
def test_the_discriminators_step_evaluates_each_batch_once(loss: Loss):
    critic, real, fake = CountingCritic(), torch.tensor(REAL), torch.tensor(FAKE)
    loss.discriminator(Critique(critic, real, fake))
    assert len(critic.asked) == 2
    assert {id(samples) for samples in critic.asked} == {id(real), id(fake)}


def test_a_margin_lowers_real_energies_and_raises_fake_ones_that_are_below_it():
    """Logits are minus energies: 1 and 3 of the real samples, 0.5, 2 and 4 of the fakes."""
    one = critique((-1.0, -3.0), (-0.5, -2.0, -4.0))
    assert Margin(2.5).discriminator(one).item() == pytest.approx(2 + (2 + 0.5 + 0) / 3)
    assert Margin(2.5).generator(one).item() == pytest.approx(6.5 / 3)


def test_the_hinge_loss_on_energies_is_a_margin_of_one():
    one = critique((-1.0, -3.0), (-0.5, -2.0, -4.0))
    assert Hinge().discriminator(one).item() == pytest.approx(1 + Margin(1.0).discriminator(one).item())


@pytest.mark.parametrize("loss", [one for one in ALL if name(one) != "Minimax"], ids=name)
def test_players_who_move_both_sides_minimise_the_discriminators_loss_with_the_sides_exchanged(loss: Loss):
    expected = loss.discriminator(critique(real=FAKE, fake=REAL)).item()
    assert loss.joint(critique()).item() == pytest.approx(expected, rel=TOLERANCE)


def test_under_minimax_they_minimise_all_of_the_games_value():
    value = mean(math.log(sigmoid(logit)) for logit in REAL) + mean(math.log(1 - sigmoid(logit)) for logit in FAKE)
    assert Minimax().joint(critique()).item() == pytest.approx(value, rel=TOLERANCE)


@pytest.mark.parametrize("loss", ALL, ids=name)
def test_the_scores_of_a_critique_are_those_of_its_logits(loss: Loss):
    sides = critique()
    assert torch.equal(loss.real_score(sides), loss.score(torch.tensor(REAL)))
    assert torch.equal(loss.fake_score(sides), loss.score(torch.tensor(FAKE)))
    assert loss.witness(sides) is sides
