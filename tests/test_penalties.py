"""Gradient penalties in closed form, on critics whose gradients are known, and the traps that others fell into."""

import inspect
import math
from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Tensor, nn

from gan_lightning import penalties
from gan_lightning.critique import Critic, Critique
from gan_lightning.losses import NonSaturating, Relativistic, Wasserstein
from gan_lightning.penalties import R1, R2, Dragan, Gradient, Penalty

W = (3.0, 4.0)  # of norm 5
REAL = torch.tensor([[1.0, 2.0], [-2.0, 0.5], [0.0, 3.0]])
FAKE = torch.tensor([[0.5, -1.0], [4.0, 1.0], [2.0, 2.0]])
GP = Gradient(weight=10.0, target=1.0, one_sided=False, every=1)
ALL = [GP, R1(weight=2.0, every=1), R2(weight=2.0, every=1), Dragan(weight=10.0, target=1.0, noise=0.5, every=1)]
TOLERANCE = 1e-5


def linear(weights: Tensor) -> Critic:
    """f(x) = w . x, with gradient w everywhere."""
    return lambda samples: (samples * weights).flatten(1).sum(1)


def quadratic(samples: Tensor) -> Tensor:
    """f(x) = |x|^2 / 2, with gradient x."""
    return samples.flatten(1).square().sum(1) / 2


def name(penalty: Penalty) -> str:
    return type(penalty).__name__


class Recorder:
    """The sum of a sample's numbers, and what was asked of it."""

    def __init__(self, critic: Critic = lambda samples: samples.flatten(1).sum(1)) -> None:
        self.critic = critic
        self.asked: list[Tensor] = []

    def __call__(self, samples: Tensor) -> Tensor:
        self.asked.append(samples.detach().clone())
        return self.critic(samples)


def test_every_penalty_is_in_these_tests():
    concrete = {
        value
        for value in vars(penalties).values()
        if inspect.isclass(value) and issubclass(value, Penalty) and not inspect.isabstract(value)
    }
    assert concrete == {type(penalty) for penalty in ALL}


@pytest.mark.parametrize(
    ("penalty", "expected"),
    [
        (Gradient(weight=10.0, target=1.0, one_sided=False, every=1), 10 * (5 - 1) ** 2),
        (Gradient(weight=10.0, target=6.0, one_sided=False, every=1), 10 * (5 - 6) ** 2),
        (Gradient(weight=10.0, target=1.0, one_sided=True, every=1), 10 * (5 - 1) ** 2),
        (Gradient(weight=10.0, target=6.0, one_sided=True, every=1), 0.0),
        (Gradient(weight=0.5, target=0.0, one_sided=False, every=1), 0.5 * 25),
        (R1(weight=2.0, every=1), 2 * 25),
        (R2(weight=3.0, every=1), 3 * 25),
        (Dragan(weight=10.0, target=1.0, noise=0.5, every=1), 10 * (5 - 1) ** 2),
        (Dragan(weight=2.0, target=7.0, noise=0.5, every=1), 2 * (5 - 7) ** 2),
    ],
    ids=lambda value: name(value) if isinstance(value, Penalty) else "",
)
def test_the_penalty_of_a_linear_critic_is_its_closed_form(penalty: Penalty, expected: float):
    value = penalty(Critique(linear(torch.tensor(W)), REAL, FAKE))
    assert value.shape == ()
    assert value.item() == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("penalty", "expected"),
    [
        (R1(weight=2.0, every=1), 2 * (5.0 + 4.25 + 9.0) / 3),  # |x|^2 of REAL's rows
        (R2(weight=2.0, every=1), 2 * (1.25 + 17.0 + 8.0) / 3),  # of FAKE's
    ],
    ids=["R1", "R2"],
)
def test_r1_is_taken_at_the_real_samples_and_r2_at_the_fake_ones(penalty: Penalty, expected: float):
    assert penalty(Critique(quadratic, REAL, FAKE)).item() == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("shape", [(2,), (3, 2, 2), (1, 4, 4)])
@pytest.mark.parametrize("penalty", [GP, Dragan(weight=10.0, target=1.0, noise=0.5, every=1)], ids=name)
def test_the_norm_is_over_the_whole_sample(penalty: Penalty, shape: tuple[int, ...]):
    """Neither over channels alone nor over the batch: of D ones it is the root of D, whatever the batch."""
    real, fake = torch.zeros(5, *shape), torch.ones(5, *shape)
    expected = 10 * (math.sqrt(math.prod(shape)) - 1) ** 2
    assert penalty(Critique(linear(torch.ones(shape)), real, fake)).item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("penalty", [R1(weight=2.0, every=1), R2(weight=2.0, every=1)], ids=name)
def test_the_squared_norm_is_over_the_whole_sample_and_its_mean_over_the_batch(penalty: Penalty):
    samples = torch.stack([torch.full((3, 2, 2), value) for value in (1.0, 2.0)])
    expected = 2 * (12 * 1 + 12 * 4) / 2
    assert penalty(Critique(quadratic, samples, samples.clone())).item() == pytest.approx(expected, rel=1e-6)


def test_each_sample_has_a_norm_of_its_own():
    samples = torch.tensor([[3.0, 4.0], [0.0, 1.0], [0.0, 0.5]])  # between x and x lies x, of norm 5, 1, 0.5
    between = Critique(quadratic, samples, samples.clone())
    two_sided, one_sided = Gradient(6.0, 1.0, one_sided=False, every=1), Gradient(6.0, 1.0, one_sided=True, every=1)
    assert two_sided(between).item() == pytest.approx(6 * (16 + 0 + 0.25) / 3, rel=1e-6)
    assert one_sided(between).item() == pytest.approx(6 * (16 + 0 + 0) / 3, rel=1e-6)


def test_there_is_one_interpolation_weight_a_sample():
    critic = Recorder()
    GP(Critique(critic, torch.zeros(1000, 3, 2, 2), torch.ones(1000, 3, 2, 2)))
    (between,) = critic.asked
    shares = between.flatten(1)
    assert torch.equal(shares, shares[:, :1].expand_as(shares))  # the same for all numbers of a sample
    assert len(shares[:, 0].unique()) > 990  # another for every sample
    assert 0 <= shares.min() and shares.max() <= 1
    assert shares[:, 0].mean().item() == pytest.approx(0.5, abs=4 / math.sqrt(12 * 1000))
    assert shares[:, 0].var().item() == pytest.approx(1 / 12, rel=0.15)


def test_an_interpolate_lies_between_its_own_real_and_its_own_fake_sample():
    critic = Recorder()
    GP(Critique(critic, REAL, FAKE))
    share = (critic.asked[0] - REAL) / (FAKE - REAL)
    torch.testing.assert_close(share[:, 0], share[:, 1])
    assert 0 <= share.min() and share.max() <= 1


def test_dragans_points_are_real_samples_with_uniform_noise_of_half_the_batchs_deviation():
    torch.manual_seed(1)
    real, critic = 3 + 2 * torch.randn(2000, 2), Recorder()
    Dragan(weight=1.0, target=1.0, noise=0.5, every=1)(Critique(critic, real, torch.full_like(real, 1e6)))
    noise = (critic.asked[0] - real) / (0.5 * real.std())
    assert -1e-5 <= noise.min() and noise.max() <= 1 + 1e-5
    assert noise.mean().item() == pytest.approx(0.5, abs=4 / math.sqrt(12 * 4000))
    assert abs(torch.corrcoef(noise.T)[0, 1].item()) < 4 / math.sqrt(2000)  # each number has noise of its own


def test_dragan_without_noise_is_taken_at_the_real_samples():
    penalty = Dragan(weight=3.0, target=1.0, noise=0.0, every=1)
    expected = 3 * sum((math.sqrt(square) - 1) ** 2 for square in (5.0, 4.25, 9.0)) / 3
    assert penalty(Critique(quadratic, REAL, FAKE)).item() == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("penalty", ALL, ids=name)
def test_no_gradient_of_a_penalty_reaches_what_made_the_samples(penalty: Penalty):
    critic = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1), nn.Flatten(0))
    generator = nn.Linear(2, 2)
    real = REAL.clone().requires_grad_()
    penalty(Critique(critic, real, generator(FAKE))).backward()
    assert real.grad is None
    assert all(parameter.grad is None for parameter in generator.parameters())
    assert critic[0].weight.grad is not None


@pytest.mark.parametrize(
    ("penalty", "slope_of_the_norm"),
    [
        (Gradient(weight=10.0, target=1.0, one_sided=False, every=1), 2 * 10 * (5 - 1)),
        (Gradient(weight=10.0, target=6.0, one_sided=False, every=1), 2 * 10 * (5 - 6)),
        (Gradient(weight=10.0, target=1.0, one_sided=True, every=1), 2 * 10 * (5 - 1)),
        (Gradient(weight=10.0, target=6.0, one_sided=True, every=1), 0.0),
        (R1(weight=2.0, every=1), 2 * 2 * 5),
        (R2(weight=2.0, every=1), 2 * 2 * 5),
        (Dragan(weight=10.0, target=1.0, noise=0.5, every=1), 2 * 10 * (5 - 1)),
    ],
    ids=lambda value: name(value) if isinstance(value, Penalty) else "",
)
def test_second_order_gradients_reach_the_critics_parameters(penalty: Penalty, slope_of_the_norm: float):
    """d/dw of a function of |w| is its slope times w / |w|."""
    weights = torch.tensor(W, requires_grad=True)
    penalty(Critique(linear(weights), REAL, FAKE)).backward()
    assert weights.grad is not None
    assert weights.grad.tolist() == pytest.approx([slope_of_the_norm * w / 5 for w in W], rel=1e-6)


@pytest.mark.parametrize("penalty", ALL, ids=name)
def test_where_the_critic_is_flat_the_gradient_is_finite(penalty: Penalty):
    weights = torch.zeros(2, requires_grad=True)
    value = penalty(Critique(linear(weights), REAL, FAKE))
    value.backward()
    assert value.item() == (0.0 if isinstance(penalty, R1 | R2) else 10.0)
    assert weights.grad is not None
    assert weights.grad.tolist() == [0.0, 0.0]


def small_critic() -> nn.Module:
    torch.manual_seed(3)
    return nn.Sequential(nn.Linear(2, 16), nn.SiLU(), nn.Linear(16, 16), nn.SiLU(), nn.Linear(16, 1), nn.Flatten(0))


def gradients(network: nn.Module, loss: Tensor) -> list[Tensor]:
    return list(torch.autograd.grad(loss, list(network.parameters()), allow_unused=True, materialize_grads=True))


@pytest.mark.parametrize("loss", [NonSaturating(), Wasserstein(), Relativistic()], ids=lambda loss: type(loss).__name__)
@pytest.mark.parametrize(
    "chosen",
    [[R1(0.7, every=1)], [R2(0.7, every=1)], [R1(0.7, every=1), R2(0.3, every=1)]],
    ids=lambda chosen: "+".join(map(name, chosen)),
)
def test_r1_and_r2_share_the_losses_forward_passes(loss: NonSaturating, chosen: list[Penalty]):
    network = small_critic()
    critic = Recorder(network)
    critique = Critique(critic, REAL, FAKE)
    total = torch.stack([penalty(critique) for penalty in chosen]).sum() + loss.discriminator(critique)
    assert len(critic.asked) == 2
    assert {tuple(map(tuple, asked.tolist())) for asked in critic.asked} == {
        tuple(map(tuple, samples.tolist())) for samples in (REAL, FAKE)
    }
    alone = loss.discriminator(Critique(network, REAL, FAKE))
    for penalty in chosen:
        at = (REAL if isinstance(penalty, R1) else FAKE).clone().requires_grad_()
        (slope,) = torch.autograd.grad(network(at).sum(), at, create_graph=True)
        alone = alone + penalty.weight * (slope[:, 0] ** 2 + slope[:, 1] ** 2).mean()
    torch.testing.assert_close(total, alone)
    for shared, independent in zip(gradients(network, total), gradients(network, alone), strict=True):
        torch.testing.assert_close(shared, independent)


@pytest.mark.parametrize("penalty", ALL[1:3], ids=name)
def test_r1_and_r2_are_right_after_the_loss_too(penalty: Penalty):
    network = small_critic()
    before, after = Critique(network, REAL, FAKE), Critique(network, REAL, FAKE)
    Wasserstein().discriminator(after)
    torch.testing.assert_close(penalty(after), penalty(before))


def test_several_penalties_at_once_are_each_what_it_is_alone():
    network, chosen = (
        small_critic(),
        [R1(2.0, every=1), R2(2.0, every=1), Dragan(10.0, 1.0, 0.0, every=1), Gradient(10.0, 1.0, False, every=1)],
    )
    together = Critique(network, REAL, REAL.clone())  # real = fake: nothing depends on the interpolation's draw
    for penalty in chosen:
        alone = penalty(Critique(network, REAL, REAL.clone()))
        torch.testing.assert_close(penalty(together), alone)


@pytest.mark.parametrize("penalty", ALL, ids=name)
def test_a_penalty_leaves_the_batches_as_they_were(penalty: Penalty):
    real, fake = REAL.clone(), FAKE.clone()
    penalty(Critique(quadratic, real, fake))
    assert torch.equal(real, REAL) and torch.equal(fake, FAKE)
    assert not real.requires_grad and not fake.requires_grad


@pytest.mark.parametrize("penalty", ALL, ids=name)
def test_under_bf16_autocast_a_penalty_is_computed_in_float32(penalty: Penalty):
    network = small_critic()
    torch.manual_seed(0)
    expected = penalty(Critique(network, REAL, FAKE))
    torch.manual_seed(0)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert network(REAL).dtype == torch.bfloat16  # what it would have been computed in
        value = penalty(Critique(network, REAL, FAKE))
    assert value.dtype == torch.float32
    torch.testing.assert_close(value, expected, rtol=1e-6, atol=0)
    for gradient, exact in zip(gradients(network, value), gradients(network, expected), strict=True):
        torch.testing.assert_close(gradient, exact, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("penalty", ALL, ids=name)
def test_bf16_samples_are_raised_to_float32_and_float64_ones_stay(penalty: Penalty):
    seen: list[torch.dtype] = []

    def critic(samples: Tensor) -> Tensor:
        seen.append(samples.dtype)
        return quadratic(samples)

    with torch.autocast("cpu", dtype=torch.bfloat16):
        value = penalty(Critique(critic, REAL.bfloat16(), FAKE.bfloat16()))
    assert value.dtype == torch.float32 and seen == [torch.float32]
    assert penalty(Critique(quadratic, REAL.double(), FAKE.double())).dtype == torch.float64


@pytest.mark.parametrize(
    "factory",
    [
        partial(R1, every=1),
        partial(R2, every=1),
        lambda w: Gradient(w, 1.0, False, every=1),
        lambda w: Dragan(w, 1.0, 0.5, every=1),
    ],
    ids=["R1", "R2", "GP", "DRAGAN"],
)
def test_a_penalty_is_proportional_to_its_weight(factory: Callable[[float], Penalty]):
    critic = linear(torch.tensor(W))
    single, triple = (factory(weight)(Critique(critic, REAL, FAKE)).item() for weight in (1.0, 3.0))
    assert single > 0
    assert triple == pytest.approx(3 * single, rel=1e-6)
    assert factory(0.0)(Critique(critic, REAL, FAKE)).item() == 0.0


# ---- lazy regularisation ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make", [partial(R1, 2.0), partial(R2, 2.0), partial(Gradient, 2.0, 1.0, False), partial(Dragan, 2.0, 1.0, 0.0)]
)
def test_a_term_that_is_rare_weighs_as_much_in_all(make: Callable[..., Penalty]):
    terms = []
    for every in (1, 16):
        torch.manual_seed(0)
        terms.append(make(every=every)(Critique(lambda x: (x @ x.new_tensor(W)).sigmoid(), REAL, FAKE)).item())
    assert terms[1] == pytest.approx(16 * terms[0], rel=1e-6) and terms[0] > 0


def test_it_is_due_where_the_count_of_iterations_is_a_multiple():
    assert [step + 1 for step in range(50) if R1(1.0, every=16).due(step)] == [16, 32, 48]
    assert all(R1(1.0, every=1).due(step) for step in range(3))
