"""A sweep of which no job could run is refused; one of which some could is not."""

import itertools

import pytest

from gan_lightning.errors import UsageError
from gan_lightning.sweeps import rehearsal

WRONG = UsageError("seed=a: must be a whole number")


def rehearse(verdicts: list[UsageError | None], monkeypatch: pytest.MonkeyPatch) -> int:
    """How many jobs were looked at, where each is this wrong."""
    looked_at = itertools.count()

    def check(config: object, number: int, overrides: object) -> None:
        next(looked_at)
        verdict = verdicts[number]
        if verdict is not None:
            raise verdict

    monkeypatch.setattr(rehearsal, "_jobs", lambda config: iter([[]] * len(verdicts)))
    monkeypatch.setattr(rehearsal, "_check", check)
    rehearsal.check_jobs(None)  # type: ignore[arg-type]
    return next(looked_at)


def test_it_ends_with_the_first_job_that_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    assert rehearse([None, WRONG, WRONG], monkeypatch) == 1
    assert rehearse([WRONG, None, WRONG], monkeypatch) == 2
    assert rehearse([], monkeypatch) == 0


def test_the_first_mistake_is_told_with_how_many_share_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="^seed=a: must be a whole number$"):
        rehearse([WRONG], monkeypatch)
    with pytest.raises(UsageError, match="; so it is with 2 of the 3 jobs, and none can run$"):
        rehearse([WRONG, UsageError("another"), WRONG], monkeypatch)
