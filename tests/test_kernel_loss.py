"""The squared maximum mean discrepancy of written-out features: the critic of these tests is the identity."""

import pytest
import torch

from gan_lightning.critique import Critique
from gan_lightning.errors import UsageError
from gan_lightning.kernel_loss import SquaredMMD
from gan_lightning.kernels import RationalQuadratic
from gan_lightning.penalties import R1, Gradient

LOSS = SquaredMMD(RationalQuadratic([1.0]))  # k = 1 / (1 + d^2 / 2)
REAL, FAKE = torch.tensor([0.0, 2.0]), torch.tensor([4.0, 6.0])
CROSS = (1 / 9 + 1 / 19 + 1 / 3 + 1 / 9) / 4  # squared distances 16, 36, 4, 16
DISTANCE = 1 / 3 + 1 / 3 - 2 * CROSS  # 4 within each side


def critique(real: torch.Tensor = REAL, fake: torch.Tensor = FAKE) -> Critique:
    return Critique(lambda samples: samples, real, fake)


def test_the_critic_maximises_what_the_generator_minimises():
    assert LOSS.generator(critique()).item() == pytest.approx(DISTANCE, rel=1e-5)
    assert LOSS.discriminator(critique()).item() == pytest.approx(-DISTANCE, rel=1e-5)
    assert LOSS.joint(critique()).item() == pytest.approx(DISTANCE, rel=1e-5)


def test_features_are_all_logits_and_nothing_else_that_the_critic_says():
    """Across two outputs, distances add: (0, 0) and (2, 0) against (4, 3) and (6, 3)."""
    real, fake = torch.tensor([[0.0, 0.0], [2.0, 0.0]]), torch.tensor([[4.0, 3.0], [6.0, 3.0]])
    cross = sum(1 / (1 + squared / 2) for squared in (25, 45, 13, 25)) / 4
    beside = torch.stack([real, 9 * real], 1), torch.stack([fake, 7 * fake], 1)  # rows of logits, and of other things
    for sides in ((real[:, None], fake[:, None]), beside):
        assert LOSS.generator(critique(*sides)).item() == pytest.approx(2 / 3 - 2 * cross, rel=1e-5)


def test_the_estimate_is_unbiased():
    """Of samples of one distribution, uniform on {0, 1, 2}, the mean is 0, and each may fall below."""
    points = torch.tensor([0.0, 1.0, 2.0])
    torch.manual_seed(0)
    estimates = [
        LOSS.distance(points[torch.randint(3, (4,))], points[torch.randint(3, (4,))]).item() for _ in range(2000)
    ]
    mean = sum(estimates) / len(estimates)
    assert min(estimates) < 0 < max(estimates)
    assert mean == pytest.approx(0, abs=0.012)


def test_the_score_is_the_witness_function():
    to_real = [(1 + 1 / 3) / 2, (1 / 3 + 1) / 2]
    to_fake = [(1 / 9 + 1 / 19) / 2, (1 / 3 + 1 / 9) / 2]
    expected = [real - fake for real, fake in zip(to_real, to_fake, strict=True)]
    assert LOSS.real_score(critique()).tolist() == pytest.approx(expected, rel=1e-5)
    assert LOSS.fake_score(critique()).tolist() == pytest.approx([-value for value in reversed(expected)], rel=1e-5)


def slope(point: float) -> float:
    """Derivative of the witness function: that of k is -d / (1 + d^2 / 2)^2."""

    def of_kernel(other: float) -> float:
        return -(point - other) / (1 + (point - other) ** 2 / 2) ** 2

    return (of_kernel(0) + of_kernel(2) - of_kernel(4) - of_kernel(6)) / 2


def test_penalties_are_about_the_slope_of_the_witness_function():
    sides = critique(REAL[:, None], FAKE[:, None])
    penalty = R1(weight=3.0, every=1)(LOSS.witness(sides))
    assert penalty.item() == pytest.approx(3 * (slope(0) ** 2 + slope(2) ** 2) / 2, rel=1e-4)
    meeting = critique(torch.full((2, 1), 1.0), torch.full((2, 1), 1.0))  # the line between them is a point
    assert Gradient(10.0, 1.0, one_sided=False, every=1)(LOSS.witness(meeting)).item() == pytest.approx(10, rel=1e-5)


def test_the_penalty_reaches_the_critic_by_all_of_the_witness_function():
    """With h(x) = s x the witness at 1 between 0 and 3 has slope s (k'(s) - k'(-2 s))."""
    scale = torch.tensor(0.5, requires_grad=True)
    sides = Critique(lambda samples: scale * samples, torch.tensor([[0.0]]), torch.tensor([[3.0]]))
    gradient = LOSS.witness(sides).gradient(torch.tensor([[1.0]]))

    def closed(s: float) -> float:
        return s * (-s / (1 + s**2 / 2) ** 2 - 2 * s / (1 + 2 * s**2) ** 2)

    assert gradient.item() == pytest.approx(closed(0.5), rel=1e-5)
    gradient.sum().backward()
    assert scale.grad is not None
    assert scale.grad.item() == pytest.approx((closed(0.5 + 1e-5) - closed(0.5 - 1e-5)) / 2e-5, rel=1e-4)


def test_a_batch_of_one_is_refused():
    with pytest.raises(UsageError, match="in pairs: set data.batch_size to 2 or more"):
        LOSS.generator(critique(REAL[:1], FAKE[:1]))
