"""What is evaluated, when, and on whose forward pass."""

import pytest
import torch
from torch import Tensor, nn

from gan_lightning.critique import Critique

REAL = torch.tensor([[1.0, 2.0], [-2.0, 0.5], [0.0, 3.0]])
FAKE = torch.tensor([[0.5, -1.0], [4.0, 1.0], [2.0, 2.0]])


class Quadratic:
    """f(x) = |x|^2 / 2 with gradient x, and the number of times it was asked."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, samples: Tensor) -> Tensor:
        self.calls += 1
        return samples.flatten(1).square().sum(1) / 2


def test_nothing_is_evaluated_before_it_is_asked_for():
    critic = Quadratic()
    Critique(critic, REAL, FAKE)
    assert critic.calls == 0


def test_logits_are_evaluated_on_first_use_and_at_most_once():
    critic = Quadratic()
    critique = Critique(critic, REAL, FAKE)
    assert critique.real_logits.tolist() == [2.5, 2.125, 4.5]
    assert critic.calls == 1
    assert critique.real_logits is critique.real_logits
    assert critic.calls == 1
    assert critique.fake_logits.tolist() == [0.625, 8.5, 4.0]
    assert critique.fake_logits is critique.fake_logits
    assert critic.calls == 2


@pytest.mark.parametrize("side", ["real", "fake"])
def test_a_gradient_that_comes_first_uses_the_logits_own_pass(side: str):
    critic = Quadratic()
    critique = Critique(critic, REAL, FAKE)
    gradient = getattr(critique, f"{side}_gradient")
    torch.testing.assert_close(gradient, REAL if side == "real" else FAKE)
    assert getattr(critique, f"{side}_logits").requires_grad
    assert getattr(critique, f"{side}_gradient") is gradient
    assert critic.calls == 1


@pytest.mark.parametrize("side", ["real", "fake"])
def test_a_gradient_that_comes_after_the_logits_takes_a_pass_of_its_own(side: str):
    critic = Quadratic()
    critique = Critique(critic, REAL, FAKE)
    logits = getattr(critique, f"{side}_logits")
    torch.testing.assert_close(getattr(critique, f"{side}_gradient"), REAL if side == "real" else FAKE)
    assert getattr(critique, f"{side}_logits") is logits
    assert critic.calls == 2


def test_the_graph_behind_the_fake_batch_is_kept_for_the_logits_and_cut_for_the_gradient():
    latents = FAKE.clone().requires_grad_()
    critique = Critique(Quadratic(), REAL, 2 * latents)
    critique.fake_gradient.sum().backward()
    assert latents.grad is None
    critique.fake_logits.sum().backward()
    assert torch.equal(latents.grad, 4 * FAKE)  # d/dz of |2 z|^2 / 2


def test_a_gradient_is_one_vector_a_sample():
    images = torch.arange(24.0).reshape(2, 3, 2, 2)
    critique = Critique(Quadratic(), images, images + 1)
    assert torch.equal(critique.real_gradient, images.reshape(2, 12))
    assert torch.equal(critique.fake_gradient, (images + 1).reshape(2, 12))
    assert torch.equal(critique.gradient(images - 1), (images - 1).reshape(2, 12))


def test_a_gradient_anywhere_is_cut_from_what_made_the_points_and_tied_to_the_critic():
    scale = torch.tensor(3.0, requires_grad=True)
    points = REAL.clone().requires_grad_()
    critique = Critique(lambda samples: scale * samples.square().sum(1) / 2, REAL, FAKE)
    critique.gradient(points).sum().backward()
    assert points.grad is None
    assert scale.grad is not None
    assert scale.grad.item() == REAL.sum().item()


def test_asking_for_a_gradient_marks_no_tensor_of_the_callers():
    real, fake = REAL.clone(), FAKE.clone()
    critique = Critique(Quadratic(), real, fake)
    _ = critique.real_gradient, critique.fake_gradient, critique.gradient(real)
    assert not real.requires_grad and not fake.requires_grad


def test_under_autocast_logits_are_raised_and_the_gradient_is_float32_on_its_own_pass():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(2, 4), nn.Linear(4, 1), nn.Flatten(0))
    exact = (network[2](network[1].weight @ network[0].weight)).expand(3, 2)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        critique = Critique(network, REAL, FAKE)
        gradient = critique.real_gradient
        assert gradient.dtype == torch.float32
        assert network(REAL).dtype == torch.bfloat16
        assert critique.real_logits.dtype == torch.float32
        assert torch.equal(critique.real_logits, network(REAL).float())
        assert Critique(network, REAL, FAKE, together=True).fake_said.dtype == torch.float32
    torch.testing.assert_close(gradient, exact, rtol=1e-6, atol=0)


def test_exchanged_the_sides_trade_places_and_nothing_is_evaluated_twice():
    critic = Quadratic()
    critique = Critique(critic, REAL, FAKE)
    other = critique.exchanged()
    assert other.real is FAKE and other.fake is REAL
    assert other.real_logits is critique.fake_logits and other.fake_logits is critique.real_logits
    assert critic.calls == 2


def test_a_gradient_of_a_critic_of_patches_is_that_of_their_mean():
    def patches(samples: Tensor) -> Tensor:  # |x|^2 / 2, 3 |x|^2 / 2, and so on: in the mean 2 |x|^2
        return samples.square().sum(1)[:, None, None, None] / 2 * torch.tensor([[1.0, 3.0], [5.0, 7.0]])

    critique = Critique(patches, REAL, FAKE)
    torch.testing.assert_close(critique.gradient(FAKE), 4 * FAKE)
    torch.testing.assert_close(critique.real_gradient, 4 * REAL)
    assert critique.real_logits.shape == (3, 2, 2)
