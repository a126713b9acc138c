"""The history of fakes."""

import pytest
import torch
from torch import Tensor

from gan_lightning.models.pool import ImagePool


def numbered(start: int, n: int) -> Tensor:
    return torch.arange(start, start + n).float()[:, None]


def test_a_pool_that_is_not_full_takes_every_fake_in_and_hands_it_back() -> None:
    pool = ImagePool((1,), 5)
    assert torch.equal(pool.exchange(numbered(1, 3)), numbered(1, 3))
    assert pool.kept.flatten().tolist() == [1, 2, 3, 0, 0] and pool.filled == 3
    assert pool.exchange(numbered(4, 2)).flatten().tolist() == [4, 5]
    assert pool.kept.flatten().tolist() == [1, 2, 3, 4, 5]


def test_no_fake_is_lost_or_doubled_in_an_exchange() -> None:
    torch.manual_seed(0)
    pool = ImagePool((1,), 8)
    pool.exchange(numbered(0, 8))
    for start in range(8, 80, 6):
        before = pool.kept.flatten().tolist()
        judged = pool.exchange(numbered(start, 6)).flatten().tolist()
        assert sorted([*judged, *pool.kept.flatten().tolist()]) == sorted([*before, *range(start, start + 6)])


def test_half_of_what_is_judged_is_older() -> None:
    torch.manual_seed(0)
    pool = ImagePool((1,), 50)
    pool.exchange(numbered(0, 50))
    older = [(pool.exchange(numbered(start, 10)) < start).sum().item() for start in range(50, 10_050, 10)]
    assert sum(older) / 10_000 == pytest.approx(0.5, abs=0.02)  # four standard errors


def test_a_batch_larger_than_the_pool_leaves_at_most_its_size_there() -> None:
    torch.manual_seed(0)
    pool = ImagePool((1,), 4)
    judged = pool.exchange(numbered(0, 100)).flatten()
    assert (judged == numbered(0, 100).flatten()).sum() == 96 and pool.filled == 4
    assert judged[:4].tolist() == [0, 1, 2, 3]


def test_a_pool_of_none_hands_back_what_it_gets() -> None:
    pool = ImagePool((2,), 0)
    fakes = torch.randn(3, 2)
    assert torch.equal(pool.exchange(fakes), fakes)


def test_what_is_judged_shares_no_memory_with_what_is_kept() -> None:
    pool = ImagePool((1,), 2)
    judged = pool.exchange(numbered(1, 2))
    judged.zero_()
    assert pool.kept.flatten().tolist() == [1, 2]


def test_a_pool_goes_on_from_its_state() -> None:
    torch.manual_seed(0)
    one, other = ImagePool((1,), 4), ImagePool((1,), 4)
    one.exchange(numbered(0, 3))
    other.load_state_dict(one.state_dict())
    assert other.filled == 3
    torch.manual_seed(1)
    first = one.exchange(numbered(3, 4))
    torch.manual_seed(1)
    assert torch.equal(first, other.exchange(numbered(3, 4))) and torch.equal(one.kept, other.kept)
