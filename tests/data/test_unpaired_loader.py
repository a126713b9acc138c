"""Two domains in one loader."""

from itertools import islice

import pytest
import torch
from torch import Tensor

from gan_lightning.data.loader import Batch, MemoryLoader
from gan_lightning.data.unpaired_loader import UnpairedLoader


def unchanged(stored: Tensor, randomness: torch.Generator) -> Tensor:
    return stored


def loader(targets: int = 10, sources: int = 16, rank: int = 0, world_size: int = 1) -> UnpairedLoader:
    """Targets are 100 and more, sources 200 and more; batches of 2."""
    ranks = (rank, world_size)
    return UnpairedLoader(
        MemoryLoader(torch.arange(targets) + 100, torch.arange(targets), 2, 0, unchanged, *ranks),
        MemoryLoader(torch.arange(sources) + 200, None, 2, 1, unchanged, *ranks),
    )


def seen(batches: list[Batch]) -> list[tuple[list[int], list[int]]]:
    assert all(batch.source is not None for batch in batches)
    return [(batch.real.tolist(), batch.source.tolist()) for batch in batches if batch.source is not None]


@pytest.mark.parametrize(("targets", "sources"), [(10, 16), (16, 10), (10, 10), (10, 3)])
def test_an_epoch_is_the_shorter_domains_and_the_longer_one_goes_on(targets: int, sources: int) -> None:
    batches = loader(targets, sources)
    assert len(batches) == min(targets, sources) // 2
    everything = [batch for _ in range(8) for batch in batches]
    assert len(everything) == 8 * len(batches)
    for field, n in (("real", targets), ("source", sources)):
        flow = torch.cat([getattr(batch, field) for batch in everything])
        whole = n // 2 * 2
        for start in range(0, len(flow) - whole + 1, whole):  # no sample comes twice within its own domain's epoch
            assert len(flow[start : start + whole].unique()) == whole


def test_labels_are_the_targets() -> None:
    assert all(torch.equal(batch.real, batch.labels + 100) for batch in loader() if batch.labels is not None)


def test_nothing_pairs_a_sample_of_one_domain_with_one_of_the_other() -> None:
    batches = loader(16, 16)
    first, second = ({s[0]: t[0] for t, s in seen(list(batches))} for _ in range(2))
    assert first.keys() & second.keys() and any(first[s] != second[s] for s in first.keys() & second.keys())


@pytest.mark.parametrize("done", [0, 3, 5, 7, 17])
def test_it_resumes_at_any_batch_of_both(done: int) -> None:
    def endless(batches: UnpairedLoader) -> list[tuple[list[int], list[int]]]:
        return seen(list(islice((batch for _ in range(9) for batch in batches), done + 6)))

    whole = loader()
    expected = endless(whole)[done:]
    interrupted = loader()
    iterator = (batch for _ in range(9) for batch in interrupted)
    list(islice(iterator, done))
    resumed = loader()
    resumed.load_state_dict(interrupted.state_dict())
    assert endless(resumed)[:6] == expected


def test_two_ranks_together_see_what_one_process_sees() -> None:
    left, right = loader(rank=0, world_size=2), loader(rank=1, world_size=2)
    one = UnpairedLoader(
        MemoryLoader(torch.arange(10) + 100, None, 4, 0, unchanged),
        MemoryLoader(torch.arange(16), None, 4, 1, unchanged),
    )
    for a, b, both in zip(left, right, one, strict=True):
        assert sorted([*a.real.tolist(), *b.real.tolist()]) == sorted(both.real.tolist())


def test_a_batch_with_sources_splits_into_minibatches() -> None:
    batch = Batch(torch.arange(6), torch.arange(6), torch.arange(6) + 10)
    parts = batch.split(3)
    assert [part.real.tolist() for part in parts] == [[0, 1], [2, 3], [4, 5]]
    assert [part.source.tolist() for part in parts if part.source is not None] == [[10, 11], [12, 13], [14, 15]]
    assert [part.source for part in Batch(torch.arange(4), None).split(2)] == [None, None]
