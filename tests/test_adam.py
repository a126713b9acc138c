"""The fused step at the cost of its arithmetic is torch's to the bit, state and all."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning import Trainer
from torch import Tensor, nn

from gan_lightning import adam
from gan_lightning.adam import Adam, quickened
from gan_lightning.models.base import AdversarialModule
from gan_lightning.speed import follow_layout

SETTINGS: list[dict[str, Any]] = [
    {"fused": True},
    {"fused": True, "weight_decay": 0.1, "betas": (0.0, 0.9), "eps": 1e-6, "maximize": True},
    {"fused": True, "amsgrad": True},
    {"fused": True, "decoupled_weight_decay": True, "weight_decay": 0.1},
    {"fused": False},
    {"foreach": True},
    {},
]
Step = Callable[[], None]


def network() -> nn.Module:
    """Some weights, always the same."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.Conv2d(1, 2, 3), nn.Linear(4, 1))


def with_gradients(module: nn.Module, number: int) -> list[nn.Parameter]:
    """Its weights, with the gradients of a step."""
    randomness = torch.Generator().manual_seed(number)
    for weight in module.parameters():
        weight.grad = torch.randn(weight.shape, generator=randomness)
    return list(module.parameters())


def kept(optimizer: torch.optim.Optimizer) -> list[Tensor]:
    """All tensors of its state."""
    return [value for state in optimizer.state.values() for value in state.values()]


def assert_same(ours: nn.Module, own: torch.optim.Optimizer, theirs: nn.Module, other: torch.optim.Optimizer) -> None:
    for left, right in zip([*ours.parameters(), *kept(own)], [*theirs.parameters(), *kept(other)], strict=True):
        assert torch.equal(left, right)


@pytest.fixture
def torchs_steps(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Optimizers that took torch's own step, one entry a step."""
    taken: list[Any] = []
    step = adam._torchs_step
    monkeypatch.setattr(adam, "_torchs_step", lambda optimizer: (taken.append(optimizer), step(optimizer))[1])
    return taken


@pytest.mark.parametrize("settings", SETTINGS)
def test_weights_and_state_are_torchs_to_the_bit(settings: dict[str, Any], torchs_steps: list[Any]) -> None:
    ours, theirs = network(), network()
    own, other = (
        cls(module.parameters(), lr=0.01, **settings) for cls, module in ((Adam, ours), (torch.optim.Adam, theirs))
    )
    for number in range(5):
        for module, optimizer in ((ours, own), (theirs, other)):
            with_gradients(module, number)
            optimizer.param_groups[0]["lr"] = 0.01 / (1 + number)
            optimizer.step()
    assert_same(ours, own, theirs, other)
    plain = settings.keys() <= {"fused", "weight_decay", "betas", "eps", "maximize"} and settings.get("fused")
    assert len(torchs_steps) == (1 if plain else 5)


def test_a_loaded_state_is_gone_on_from(torchs_steps: list[Any]) -> None:
    """Also behind steps on another."""
    ours, theirs = network(), network()
    own, other = Adam(ours.parameters(), fused=True), torch.optim.Adam(theirs.parameters(), fused=True)
    for number in range(3):
        with_gradients(ours, number)
        own.step()
    weights, state = copy.deepcopy(ours.state_dict()), copy.deepcopy(own.state_dict())
    with_gradients(ours, 3)
    own.step()
    for module, optimizer in ((ours, own), (theirs, other)):
        module.load_state_dict(weights)
        optimizer.load_state_dict(copy.deepcopy(state))
        for number in range(4, 7):
            with_gradients(module, number)
            optimizer.step()
    assert_same(ours, own, theirs, other)
    assert len(torchs_steps) == 2


def test_steps_are_counted_for_each_parameter_in_one_tensor_that_torch_counts_up_too(tmp_path: Path) -> None:
    """Whoever takes the next step, and through a file."""
    ours = network()
    own = Adam(ours.parameters(), fused=True)
    for number in range(3):
        with_gradients(ours, number)
        own.step()
    counts = [state["step"] for state in own.state.values()]
    assert len({count.untyped_storage().data_ptr() for count in counts}) == 1
    hook = own.register_step_post_hook(lambda *rest: None)
    own.step()
    hook.remove()
    ours.zero_grad()
    next(ours.parameters()).grad = torch.ones(4, 3)
    own.step()  # torch's: not all have a gradient
    torch.save(own.state_dict(), tmp_path / "state")
    own.load_state_dict(torch.load(tmp_path / "state", weights_only=True))
    with_gradients(ours, 4)
    own.step()
    assert [float(state["step"]) for state in own.state.values()] == [6.0] + [5.0] * (len(counts) - 1)


def test_a_parameter_without_gradient_stays_and_one_that_is_added_moves() -> None:
    ours, theirs = network(), network()
    more = [nn.Parameter(torch.ones(2)) for _ in range(2)]
    own, other = Adam(ours.parameters(), fused=True), torch.optim.Adam(theirs.parameters(), fused=True)
    for number in range(6):
        for module, optimizer, extra in zip((ours, theirs), (own, other), more, strict=True):
            weights = with_gradients(module, number)
            if number == 2:
                weights[0].grad = None
            if number == 4:
                optimizer.add_param_group({"params": [extra]})
            extra.grad = torch.full((2,), float(number))
            optimizer.step()
    assert_same(ours, own, theirs, other)
    assert torch.equal(*more) and not torch.equal(more[0], torch.ones(2))


@pytest.mark.parametrize(
    "change",
    [
        lambda o: o.state.clear(),
        lambda o: o.param_groups[0].update(fused=False),
        lambda o: o.param_groups[0].update(weight_decay=0.5, betas=(0.5, 0.5)),
        lambda o: o.param_groups[0].update(params=o.param_groups[0]["params"][:2]),
        lambda o: o.param_groups.__setitem__(0, {**o.param_groups[0], "lr": 0.5}),
        lambda o: o.param_groups[0]["params"].append(nn.Parameter(torch.zeros(1))),
    ],
)
def test_what_others_change_behind_its_back_is_heeded(change: Callable[[Any], None]) -> None:
    ours, theirs = network(), network()
    own, other = Adam(ours.parameters(), fused=True), torch.optim.Adam(theirs.parameters(), fused=True)
    for number in range(6):
        for module, optimizer in ((ours, own), (theirs, other)):
            with_gradients(module, number)
            if number == 3:
                change(optimizer)
            optimizer.step()
    assert_same(ours, own, theirs, other)


def test_moved_state_is_asked_for_again_where_it_is_told() -> None:
    ours, theirs = network(), network()
    own, other = Adam(ours.parameters(), fused=True), torch.optim.Adam(theirs.parameters(), fused=True)
    for number in range(6):
        for module, optimizer in ((ours, own), (theirs, other)):
            if number == 3:
                module.to(memory_format=torch.channels_last)
                follow_layout([optimizer])
            with_gradients(module, number)
            optimizer.step()
    assert_same(ours, own, theirs, other)


def test_a_closure_is_called_before_and_may_fill_the_gradients() -> None:
    module = network()
    own = Adam(module.parameters(), lr=0.1, fused=True)
    for number in range(3):
        before = [weight.detach().clone() for weight in with_gradients(module, number)]
        assert own.step(lambda: (with_gradients(module, 9), torch.is_grad_enabled())[1]) is True  # noqa: B023
        assert all(not torch.equal(old, new) for old, new in zip(before, module.parameters(), strict=True))
    other = network()
    expected = torch.optim.Adam(other.parameters(), lr=0.1, fused=True)
    for _ in range(3):
        with_gradients(other, 9)
        expected.step()
    assert_same(module, own, other, expected)


@pytest.mark.parametrize("number", [0, 3])
def test_hooks_are_called_around_a_step_and_once(number: int) -> None:
    """At the first, which is torch's, and later; also where torch's own Adam was used before."""
    torch.optim.Adam([torch.zeros(1, requires_grad=True)]).step()
    module, heard = network(), []
    own = Adam(module.parameters(), fused=True)
    for earlier in range(number):
        with_gradients(module, earlier)
        own.step()
    own.register_step_pre_hook(lambda *rest: heard.append("before"))
    own.register_step_post_hook(lambda *rest: heard.append("after"))
    with_gradients(module, 9)
    own.step()
    assert heard == ["before", "after"]


def test_a_profiler_hears_of_each_step() -> None:
    module = network()
    own = Adam(module.parameters(), fused=True)
    with_gradients(module, 0)
    own.step()
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as heard:
        own.step()
    assert "Optimizer.step#Adam.step" in {event.key for event in heard.key_averages()}


def test_a_scaler_has_its_say(torchs_steps: list[Any]) -> None:
    """A step whose gradients overflowed is left out."""
    module = network()
    own = Adam(module.parameters(), fused=True)
    with_gradients(module, 0)
    own.step()
    before = [weight.detach().clone() for weight in module.parameters()]
    own.grad_scale, own.found_inf = torch.ones(()), torch.ones(())  # type: ignore[attr-defined]
    own.step()
    assert len(torchs_steps) == 2
    assert all(torch.equal(old, new) for old, new in zip(before, module.parameters(), strict=True))


def test_torchs_adam_is_quickened_and_others_are_not() -> None:
    weights = list(network().parameters())
    found = quickened(
        torch.optim.Adam([{"params": weights[:2], "lr": 0.5}, {"params": weights[2:]}], fused=True, eps=1.0)
    )
    assert type(found) is Adam
    assert [(group["lr"], group["eps"], group["fused"]) for group in found.param_groups] == [
        (0.5, 1.0, True),
        (0.001, 1.0, True),
    ]
    assert [weight for group in found.param_groups for weight in group["params"]] == weights
    hooked = torch.optim.Adam(weights)
    hooked.register_step_post_hook(lambda *rest: None)
    used = torch.optim.Adam(with_gradients(network(), 0))
    used.step()
    for other in (torch.optim.AdamW(weights), torch.optim.RMSprop(weights), Adam(weights), hooked, used):
        assert quickened(other) is other


def test_a_game_is_played_with_it(
    small_game: Callable[..., AdversarialModule], fit: Callable[..., Trainer], torchs_steps: list[Any]
) -> None:
    """And its steps are quick, the generator's too, which Lightning takes."""
    trainer = fit(small_game(optimizer=lambda weights: torch.optim.Adam(weights, fused=True)), steps=5)
    assert [type(optimizer) for optimizer in trainer.optimizers] == [Adam, Adam]
    assert len(torchs_steps) == 2
