"""What processes share waits as long as they were told to."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import torch
from torch import distributed as dist

from gan_lightning.distributed import _between_cpus, connect_cpus


@pytest.fixture
def patience() -> Iterator[timedelta]:
    patience = timedelta(hours=5)
    dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1, timeout=patience)
    yield patience
    dist.destroy_process_group()


def test_the_group_that_votes_is_as_patient_as_all_others(patience: timedelta):
    connect_cpus(patience)
    group = _between_cpus[dist.group.WORLD]
    own = group._get_backend(torch.device("cpu")).options._timeout
    assert timedelta() <= patience - own < timedelta(seconds=5)  # less what making it took
    connect_cpus(timedelta(hours=1))  # of another run of this process: the group stays
    assert _between_cpus.pop(dist.group.WORLD) is group
