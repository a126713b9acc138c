"""How long a run may train, as it is written."""

import pytest
from omegaconf import OmegaConf

from gan_lightning.duration import seconds_of
from gan_lightning.errors import UsageError


@pytest.mark.parametrize(
    ("written", "seconds"), [(None, None), ("01:02:03:04", 93784), ({"minutes": 1, "seconds": 0.5}, 60.5)]
)
def test_it_is_days_to_seconds_or_parts_by_their_names(written: object, seconds: float | None) -> None:
    assert seconds_of(OmegaConf.create({"max_time": written})) == seconds
    assert seconds_of(OmegaConf.create({})) is None


@pytest.mark.parametrize("written", ["abc", 5, "1:2:3", {"years": 1}, {"weeks": 1e300}])
def test_anything_else_is_refused(written: object) -> None:
    with pytest.raises(UsageError, match=r"^trainer.max_time=.* must be DD:HH:MM:SS, as in 00:12:00:00, or null$"):
        seconds_of(OmegaConf.create({"max_time": written}))
