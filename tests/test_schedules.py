"""The factors on the learning rates, written out."""

import inspect
import math

import pytest

from gan_lightning import schedules
from gan_lightning.schedules import Constant, Cosine, Linear, Schedule

SHARES = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5)
H = math.sqrt(0.5)  # cos(pi / 4)
FACTORS: list[tuple[Schedule, tuple[float, ...]]] = [
    (Constant(), (1, 1, 1, 1, 1, 1)),
    (Linear(start=0.0, final=0.0), (1, 0.75, 0.5, 0.25, 0, 0)),
    (Linear(start=0.0, final=0.2), (1, 0.8, 0.6, 0.4, 0.2, 0.2)),
    (Linear(start=0.5, final=0.0), (1, 1, 1, 0.5, 0, 0)),
    (Linear(start=0.5, final=0.2), (1, 1, 1, 0.6, 0.2, 0.2)),
    (Cosine(start=0.0, final=0.0), (1, (1 + H) / 2, 0.5, (1 - H) / 2, 0, 0)),
    (Cosine(start=0.0, final=0.2), (1, 0.2 + 0.4 * (1 + H), 0.6, 0.2 + 0.4 * (1 - H), 0.2, 0.2)),
    (Cosine(start=0.5, final=0.0), (1, 1, 1, 0.5, 0, 0)),
    (Cosine(start=0.5, final=0.1), (1, 1, 1, 0.55, 0.1, 0.1)),
    (Cosine(start=0.25, final=0.0), (1, 1, 0.75, 0.25, 0, 0)),  # cos(pi / 3) = 1/2
]


def title(schedule: Schedule) -> str:
    return type(schedule).__name__ + "".join(f"-{name}={value}" for name, value in vars(schedule).items())


@pytest.mark.parametrize(("schedule", "expected"), FACTORS, ids=[title(schedule) for schedule, _ in FACTORS])
def test_the_factor_at_each_quarter_of_the_run_and_beyond(schedule: Schedule, expected: tuple[float, ...]):
    assert [schedule(share) for share in SHARES] == pytest.approx(list(expected), abs=1e-12)


@pytest.mark.parametrize("schedule", [schedule for schedule, _ in FACTORS], ids=title)
def test_a_factor_never_rises_and_stays_between_zero_and_one(schedule: Schedule):
    factors = [schedule(step / 100) for step in range(121)]
    assert all(later <= earlier for earlier, later in zip(factors, factors[1:], strict=False))
    assert 0 <= min(factors) and max(factors) <= 1


def test_every_schedule_is_in_these_tests():
    concrete = {
        value
        for value in vars(schedules).values()
        if inspect.isclass(value) and issubclass(value, Schedule) and not inspect.isabstract(value)
    }
    assert concrete == {type(schedule) for schedule, _ in FACTORS}
