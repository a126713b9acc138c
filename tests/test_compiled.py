"""A step that is compiled: what it would be without, or not compiled at all. Nothing needs a C++ compiler here."""

import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch
from lightning import Trainer
from torch import Tensor, nn

from gan_lightning import compiled
from gan_lightning.compiled import CompiledStep
from gan_lightning.errors import UsageWarning
from gan_lightning.losses import Wasserstein
from gan_lightning.models.base import AdversarialModule
from gan_lightning.models.wgan_gp import WGANGP
from gan_lightning.penalties import R1, Gradient
from gan_lightning.speed import Speed

Game = Callable[..., AdversarialModule]
Fit = Callable[..., Trainer]
COMPILED = Speed(one_pass=True, channels_last=False, im2col=False, share_fakes=False, compile=True)


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(compiled, "_BACKEND", "aot_eager")
    yield
    torch._dynamo.reset()


def sloped(network: nn.Module, points: Tensor) -> dict[str, Tensor]:
    """A mean beside a noisy slope."""
    points = points.detach().requires_grad_()
    (slope,) = torch.autograd.grad(network(points).sum(), points, create_graph=True)
    return {"mean": network(points).mean(), "slope": (slope * torch.rand_like(slope)).square().sum()}


def test_terms_and_gradients_are_those_of_the_plain_step_and_so_is_the_noise():
    network, points = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1)), torch.randn(5, 2)
    step = CompiledStep(lambda points: sloped(network, points), list(network.parameters()), [], "critic")
    for _ in range(2):
        torch.manual_seed(3)
        terms, gradients = step(points)
        noise = torch.rand(2)
        torch.manual_seed(3)
        expected = sloped(network, points)
        assert torch.equal(noise, torch.rand(2))
        torch.testing.assert_close(terms, {name: term.detach() for name, term in expected.items()})
        wanted = torch.autograd.grad(sum(expected.values()), list(network.parameters()), allow_unused=True)
        torch.testing.assert_close(gradients, list(wanted))
    assert step._quick is not None


def test_a_weight_that_takes_no_part_has_no_gradient():
    used, unused = nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(2))
    _, gradients = CompiledStep(lambda: {"sum": used.sum()}, [used, unused], [], "critic")()
    assert gradients[0] is not None and gradients[1] is None


def test_what_a_graph_writes_over_at_its_next_play_is_kept(monkeypatch: pytest.MonkeyPatch):
    """A stand-in for a GPU: like a graph it returns the same memory each time, with other numbers."""
    weight, place, asked, begun = nn.Parameter(torch.ones(2)), torch.zeros(()), [], []

    def as_a_graph(plain: Any, **how: Any) -> Any:
        asked.append(how)

        def replay() -> Any:
            terms, gradients = plain()
            return {"sum": place.copy_(terms["sum"])}, gradients

        return replay

    monkeypatch.setattr(torch, "compile", as_a_graph)
    monkeypatch.setattr(torch.compiler, "cudagraph_mark_step_begin", lambda: begun.append(1))
    step = CompiledStep(lambda: {"sum": weight.sum()}, [weight], [], "critic", graphs=True)
    first, _ = step()
    with torch.no_grad():
        weight += 1
    second, _ = step()
    assert (first["sum"].item(), second["sum"].item(), len(begun)) == (2, 4, 2)
    assert asked == [{"fullgraph": True, "dynamic": False, "mode": "reduce-overhead"}]


def test_moments_move_once_a_step():
    norm, points = nn.BatchNorm1d(2, momentum=0.5), torch.randn(8, 2) + 4
    weights, buffers = list(norm.parameters()), list(norm.buffers())
    step = CompiledStep(lambda: {"mean": norm(points).square().mean()}, weights, buffers, "critic")
    step()
    torch.testing.assert_close(norm.running_mean, 0.5 * points.mean(0))
    step()
    torch.testing.assert_close(norm.running_mean, 0.75 * points.mean(0))


def test_what_cannot_be_compiled_is_computed_without_and_told_once():
    weight, seen = nn.Parameter(torch.ones(2)), []

    def unsteady() -> dict[str, Tensor]:
        torch._dynamo.graph_break()
        seen.append(float(weight.detach().sum()))
        return {"sum": (weight * torch.rand(2)).sum()}

    step = CompiledStep(unsteady, [weight], [], "critic")
    torch.manual_seed(0)
    with pytest.warns(UsageWarning, match="^the critic's step can't be compiled .*: the run goes on without; "):
        _, (gradient,) = step()
    torch.manual_seed(0)
    torch.testing.assert_close(gradient, torch.rand(2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        step()


def test_what_comes_out_differently_is_computed_without(monkeypatch: pytest.MonkeyPatch):
    weight = nn.Parameter(torch.ones(2))
    step = CompiledStep(lambda: {"sum": weight.sum()}, [weight], [], "critic")
    monkeypatch.setattr(step, "_quick", lambda: ({"sum": weight.sum()}, [torch.full((2,), 1.01)]))
    with pytest.warns(UsageWarning, match=r"differs by 1.0e-02 when it is compiled"):
        _, (gradient,) = step()
    assert gradient is not None and torch.equal(gradient, torch.ones(2))


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [
        {"penalties": {"r1": R1(0.1, every=2)}},
        {
            "model": WGANGP,
            "loss": Wasserstein(),
            "penalties": {"gp": Gradient(1.0, 1.0, False, every=1)},
            "n_critic": 2,
        },
    ],
    ids=["r1", "wgan_gp"],
)
def test_a_game_is_the_same_and_its_log_too(settings: dict[str, Any], small_game: Game, fit: Fit, memory_logger: Any):
    found = []
    for speed in ({}, {"speed": COMPILED}):
        memory_logger.records.clear()
        game = small_game(**settings, **speed)
        with warnings.catch_warnings():
            warnings.simplefilter("error", UsageWarning)
            fit(game, steps=7, loggers=[memory_logger], log_every=3)
        found.append((dict(game.state_dict()), list(memory_logger.records)))
    torch.testing.assert_close(found[0][0], found[1][0], rtol=1e-4, atol=1e-6)
    for (step, figures), (other, others) in zip(found[0][1], found[1][1], strict=True):
        assert step == other and figures == pytest.approx(others, rel=1e-3, abs=1e-5)
