"""Likelihoods against written-out densities."""

import math

import pytest
import torch
from torch import Tensor
from torch.distributions import Laplace as LaplaceDistribution
from torch.distributions import Normal

from gan_lightning.errors import UsageError
from gan_lightning.likelihoods import Gaussian, Laplace, Likelihood

MEANS = torch.tensor([[[0.0, 1.0]], [[-1.0, 0.5]]])
SAMPLES = torch.tensor([[[0.3, 1.0]], [[-1.0, -0.7]]])


@pytest.mark.parametrize(
    ("likelihood", "distribution"),
    [(Gaussian(0.4, learnt=False), Normal(MEANS, 0.4)), (Laplace(0.4, True), LaplaceDistribution(MEANS, 0.4 / 2**0.5))],
)
def test_it_is_the_log_density_summed_over_a_sample(likelihood: Likelihood, distribution: Normal):
    expected: Tensor = distribution.log_prob(SAMPLES).sum((1, 2))
    assert likelihood(MEANS, SAMPLES).tolist() == pytest.approx(expected.tolist(), rel=1e-5)


def test_an_exact_gaussian_reconstruction_is_worth_its_peak():
    exact = Gaussian(0.1, learnt=True)(MEANS, MEANS)
    assert exact.tolist() == pytest.approx([-2 * math.log(0.1 * math.sqrt(2 * math.pi))] * 2)


def test_a_learnt_sigma_is_at_rest_at_the_root_of_the_mean_square_error():
    likelihood = Gaussian(math.sqrt((0.3**2 + 1.2**2) / 4), learnt=True)
    likelihood(MEANS, SAMPLES).sum().backward()
    assert likelihood.log_sigma.grad is not None
    assert likelihood.log_sigma.grad.item() == pytest.approx(0, abs=1e-5)


def test_only_a_sigma_that_is_learnt_is_trained():
    assert [Gaussian(0.1, learnt).log_sigma.requires_grad for learnt in (True, False)] == [True, False]


@pytest.mark.parametrize("sigma", [0.0, -1.0, None])
def test_a_sigma_that_is_no_deviation_is_refused(sigma: float):
    with pytest.raises(UsageError, match=r"model\.likelihood\.sigma is .*: set it to a number above 0"):
        Gaussian(sigma, learnt=True)
