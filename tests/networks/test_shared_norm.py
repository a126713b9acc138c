"""BatchNorm over several processes, here two threads that meet where processes would."""

import copy
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, local

import pytest
import torch
from torch import Tensor, nn

from gan_lightning.networks import shared_norm
from gan_lightning.networks.shared_norm import SharedBatchNorm, SharedBatchNorms

RANKS = 2
SHAPES = [(12, 3), (12, 3, 2, 2)]


class Meeting:
    """Sums a tensor of each thread, gradients included, as a collective of processes does."""

    def __init__(self) -> None:
        self.here = local()
        self.brought: list[Tensor] = [torch.zeros(())] * RANKS
        self.barrier = Barrier(RANKS, timeout=20)

    def all_reduce(self, values: Tensor) -> Tensor:
        self.brought[self.here.rank] = values
        self.barrier.wait()
        total = torch.stack(self.brought).sum(0)
        self.barrier.wait()
        return total

    def run(self, play: Callable[[int], Tensor]) -> list[Tensor]:
        def begin(rank: int) -> Tensor:
            self.here.rank = rank
            return play(rank)

        with ThreadPoolExecutor(RANKS) as pool:
            return list(pool.map(begin, range(RANKS)))


@pytest.fixture
def meeting(monkeypatch: pytest.MonkeyPatch) -> Meeting:
    meeting = Meeting()
    monkeypatch.setattr(shared_norm, "all_reduce", meeting.all_reduce)
    monkeypatch.setattr(shared_norm.dist, "get_world_size", lambda: RANKS)
    return meeting


def play(meeting: Meeting, ranks: list[SharedBatchNorm], values: Tensor) -> Tensor:
    """What the ranks make of their shares of a batch."""
    shares = values.chunk(RANKS)
    return torch.cat(meeting.run(lambda rank: ranks[rank](shares[rank])))


def batch_norm(shape: tuple[int, ...], **settings: float | bool | None) -> nn.Module:
    kind = nn.BatchNorm1d if len(shape) == 2 else nn.BatchNorm2d
    norm = kind(shape[1], **settings).double()  # type: ignore[arg-type]
    if norm.affine:
        nn.init.normal_(norm.weight)
        nn.init.normal_(norm.bias)
    return norm


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(
    "settings", [{}, {"momentum": None}, {"affine": False}, {"track_running_stats": False}], ids=str
)
def test_two_halves_are_normalised_as_the_whole(meeting: Meeting, shape: tuple[int, ...], settings: dict):
    whole = batch_norm(shape, **settings)
    ranks = [SharedBatchNorm(copy.deepcopy(whole)) for _ in range(RANKS)]
    for scale in (1.0, 7.0):
        values = 3 + scale * torch.randn(shape, dtype=torch.double)
        torch.testing.assert_close(play(meeting, ranks, values), whole(values))
    for rank in ranks:
        assert rank.state_dict().keys() == whole.state_dict().keys()
        for name, value in whole.state_dict().items():
            torch.testing.assert_close(rank.state_dict()[name], value)
        torch.testing.assert_close(rank.eval()(values), whole.eval()(values))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_gradients_and_gradients_of_gradients_are_the_wholes(meeting: Meeting, shape: tuple[int, ...]):
    whole = batch_norm(shape)
    ranks = [SharedBatchNorm(copy.deepcopy(whole)) for _ in range(RANKS)]
    values = torch.randn(shape, dtype=torch.double, requires_grad=True)
    weights = torch.randn(shape, dtype=torch.double)

    def penalty(outputs: Tensor) -> tuple[Tensor, Tensor]:
        (slope,) = torch.autograd.grad((outputs.tanh() * weights).sum(), values, create_graph=True)
        return slope, torch.autograd.grad(slope.square().sum(), values)[0]

    together = penalty(play(meeting, ranks, values))
    for ours, theirs in zip(together, penalty(whole(values)), strict=True):
        torch.testing.assert_close(ours, theirs)


def test_every_batch_norm_of_a_module_is_replaced_and_comes_back():
    norms = [nn.BatchNorm1d(3), nn.BatchNorm1d(3)]
    module = nn.Sequential(norms[0], nn.Sequential(nn.Linear(3, 3), norms[1]), nn.LayerNorm(3), nn.InstanceNorm2d(3))
    state, parameters = module.state_dict(), list(module.parameters())
    sync = SharedBatchNorms()
    assert sync.apply(module) is module
    assert isinstance(module[0], SharedBatchNorm) and isinstance(module[1][1], SharedBatchNorm)
    assert type(module[2]) is nn.LayerNorm and type(module[3]) is nn.InstanceNorm2d
    assert all(ours is theirs for ours, theirs in zip(module.parameters(), parameters, strict=True))
    assert all(value.data_ptr() == state[name].data_ptr() for name, value in module.state_dict().items())
    module.eval()
    sync.revert(module)
    assert module[0] is norms[0] and module[1][1] is norms[1]
    assert not norms[0].training


def test_a_copy_stands_alone():
    norm = SharedBatchNorm(nn.BatchNorm1d(3))
    other = copy.deepcopy(norm)
    other.weight.data.fill_(5.0)
    assert norm.weight.tolist() == [1.0, 1.0, 1.0]
