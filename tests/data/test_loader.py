from collections.abc import Iterator
from itertools import islice

import pytest
import torch
from torch import Tensor

from gan_lightning import noise
from gan_lightning.data.base import ImageData, Samples
from gan_lightning.data.loader import Batch, MemoryLoader
from gan_lightning.errors import UsageError


def unchanged(stored: Tensor, randomness: torch.Generator) -> Tensor:
    return stored


def loader(n: int = 10, batch_size: int = 3, seed: int = 0, rank: int = 0, world_size: int = 1) -> MemoryLoader:
    """Sample i is 100 + i, its label i."""
    return MemoryLoader(torch.arange(n) + 100, torch.arange(n), batch_size, seed, unchanged, rank, world_size)


def epoch(batches: MemoryLoader) -> list[list[int]]:
    return [batch.real.tolist() for batch in batches]


class Pixels(ImageData):
    """All 256 grey levels, as the two columns of 128 images that the mirror exchanges."""

    def __init__(self, flip: bool) -> None:
        super().__init__(batch_size=4, minibatches=1, seed=0, flip=flip)

    @property
    def shape(self) -> tuple[int, ...]:
        return 1, 1, 2

    @property
    def num_classes(self) -> int:
        return 0

    def test_samples(self) -> Samples:
        return self.load()

    def load(self) -> Samples:
        return Samples(torch.arange(256, dtype=torch.uint8).reshape(128, 1, 1, 2), None)


def test_the_same_seed_gives_the_same_order() -> None:
    assert epoch(loader(seed=5)) == epoch(loader(seed=5))


def test_who_fetches_is_told_each_batch_one_batch_before() -> None:
    told: list[list[int]] = []
    samples = torch.arange(10) + 100
    batches = MemoryLoader(samples, None, 3, 0, unchanged, ahead=lambda index: told.append((index + 100).tolist()))
    seen: list[list[int]] = []
    for batch in batches:
        seen.append(batch.real.tolist())
        assert told == epoch(loader())[: len(seen) + 1]
    assert seen == told == epoch(loader())


def test_a_resumed_loader_has_its_first_batch_fetched_too() -> None:
    told: list[list[int]] = []
    samples = torch.arange(10) + 100
    batches = MemoryLoader(samples, None, 3, 0, unchanged, ahead=lambda index: told.append((index + 100).tolist()))
    batches.load_state_dict({"epoch": 0, "position": 1})
    assert next(iter(batches)).real.tolist() == told[0]
    assert told == epoch(loader())[1:]


def test_the_order_ignores_the_global_random_state() -> None:
    torch.manual_seed(1)
    first = epoch(loader())
    torch.manual_seed(2)
    assert epoch(loader()) == first


def test_another_seed_gives_another_order() -> None:
    assert epoch(loader(n=100, seed=0)) != epoch(loader(n=100, seed=1))


def test_another_epoch_gives_another_order() -> None:
    batches = loader(n=100)
    assert epoch(batches) != epoch(batches)
    assert batches.epoch == 1


def test_an_epochs_order_depends_on_no_epoch_before_it() -> None:
    batches = loader(n=100)
    epoch(batches), epoch(batches)
    third = loader(n=100)
    third.load_state_dict({"epoch": 2, "position": 0})
    assert epoch(third) == epoch(batches)


def test_an_epoch_visits_each_sample_at_most_once_and_drops_the_incomplete_batch() -> None:
    batches = loader(n=10, batch_size=3)
    visited = epoch(batches)
    assert [len(batch) for batch in visited] == [3, 3, 3] and len(batches) == 3
    assert len(set(sum(visited, []))) == 9
    assert set(sum(visited, [])) < set(range(100, 110))


def test_every_sample_is_visited_where_batches_fill_the_epoch() -> None:
    assert sorted(sum(epoch(loader(n=12, batch_size=4)), [])) == list(range(100, 112))


def test_labels_stay_with_their_samples() -> None:
    for batch in loader():
        assert batch.labels is not None
        assert torch.equal(batch.real, batch.labels + 100)


def test_without_labels_a_batch_has_none() -> None:
    batch = next(iter(MemoryLoader(torch.arange(4), None, 2, 0, unchanged)))
    assert batch.labels is None
    assert [part.labels for part in batch.split(2)] == [None, None]


def test_split_gives_equal_minibatches_in_order() -> None:
    parts = Batch(torch.arange(6), torch.arange(6) + 10).split(3)
    assert [part.real.tolist() for part in parts] == [[0, 1], [2, 3], [4, 5]]
    assert [part.labels.tolist() for part in parts if part.labels is not None] == [[10, 11], [12, 13], [14, 15]]


@pytest.mark.parametrize("n", [24, 29])
@pytest.mark.parametrize("parts", [1, 2, 4])
def test_two_ranks_of_b_are_one_process_of_2b_in_every_minibatch(n: int, parts: int) -> None:
    alone, first, second = loader(n, 8), loader(n, 4, rank=0, world_size=2), loader(n, 4, rank=1, world_size=2)
    assert len(alone) == len(first) == len(second) == 3
    for whole, left, right in zip(alone, first, second, strict=True):
        minibatches = zip(whole.split(parts), left.split(parts), right.split(parts), strict=True)
        for whole_part, left_part, right_part in minibatches:
            assert len(left_part.real) == len(right_part.real)
            together = left_part.real.tolist() + right_part.real.tolist()
            assert sorted(together) == sorted(whole_part.real.tolist())


@pytest.mark.parametrize("used", [0, 1, 2, 3, 4, 6, 7])
def test_a_restored_loader_goes_on_with_the_very_next_batch(used: int) -> None:
    def endless(batches: MemoryLoader) -> Iterator[Batch]:
        while True:
            yield from batches

    uninterrupted = [batch.real.tolist() for batch in islice(endless(loader()), 12)]
    before = loader()
    for _ in islice(endless(before), used):
        pass
    after = loader()
    after.load_state_dict(before.state_dict())
    assert [batch.real.tolist() for batch in islice(endless(after), 12 - used)] == uninterrupted[used:]


def test_the_state_of_a_finished_epoch_is_its_length() -> None:
    batches = loader()
    epoch(batches)
    assert batches.state_dict() == {"epoch": 0, "position": 3}


def test_a_batch_in_use_counts_as_used() -> None:
    batches = loader()
    next(iter(batches))
    assert batches.state_dict() == {"epoch": 0, "position": 1}


def test_too_few_samples_are_refused_with_the_numbers() -> None:
    with pytest.raises(UsageError) as error:
        loader(n=7, batch_size=4, world_size=2)
    assert str(error.value) == (
        "the data has 7 samples, but one iteration takes 8 (data.batch_size x model.n_critic x ranks): "
        "lower data.batch_size or model.n_critic"
    )
    assert len(loader(n=8, batch_size=4, world_size=2)) == 1


def test_restore_is_the_inverse_of_prepare_on_all_256_levels() -> None:
    data = Pixels(flip=False)
    stored = data.load().values
    prepared = data.prepare(stored, noise.generator(0))
    assert prepared.dtype == torch.float32
    assert prepared.min().item() == -1 and prepared.max().item() == 1
    assert torch.equal(data.restore(prepared), stored)


def test_restore_clamps_what_a_generator_overshoots() -> None:
    assert Pixels(flip=False).restore(torch.tensor([-1.5, -1.0, 0.0, 1.0, 1.5])).tolist() == [0, 0, 128, 255, 255]


def test_a_flip_mirrors_left_and_right_of_about_half_the_images() -> None:
    data = Pixels(flip=True)
    stored = data.load().values
    restored = data.restore(data.prepare(stored, noise.generator(0)))
    mirrored = (restored == stored.flip(-1)).flatten(1).all(1)
    kept = (restored == stored).flatten(1).all(1)
    assert torch.equal(mirrored, ~kept)
    assert 41 <= mirrored.sum() <= 87  # 64 of 128, within 4 standard deviations


def flips(seed: int = 0, epoch: int = 0, position: int = 0, rank: int = 0) -> list[bool]:
    """Which images of one batch of 64 are mirrored; every image is the same."""
    data = Pixels(flip=True)
    images = torch.tensor([0, 255], dtype=torch.uint8).expand(256, 1, 1, 2)
    batches = MemoryLoader(images, None, 64, seed, data.prepare, rank, 2)
    batches.load_state_dict({"epoch": epoch, "position": position})
    return (next(iter(batches)).real[:, 0, 0, 0] == 1).tolist()


def test_flips_are_a_function_of_seed_epoch_position_and_rank_alone() -> None:
    where = [{}, {"seed": 1}, {"epoch": 1}, {"position": 1}, {"rank": 1}]
    torch.manual_seed(1)
    first = [flips(**at) for at in where]
    torch.manual_seed(2)
    assert [flips(**at) for at in where] == first
    assert len({tuple(mirrored) for mirrored in first}) == len(where)
