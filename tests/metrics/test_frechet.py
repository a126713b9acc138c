"""The Fréchet distance against closed forms and against torch-fidelity's and torchmetrics'."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torchmetrics.image.fid import FrechetInceptionDistance

from gan_lightning import noise
from gan_lightning.metrics.frechet import FrechetDistance, frechet_distance, moments
from gan_lightning.metrics.measure import Features


def normal(n: int, dimensions: int, key: int, scale: float = 1.0, shift: float = 0.0) -> Tensor:
    """Correlated features (n, D), float32."""
    mixing = torch.randn(dimensions, dimensions, generator=noise.generator(key + 100)) / dimensions**0.5
    return torch.randn(n, dimensions, generator=noise.generator(key)) @ mixing * scale + shift


def distance(left: Tensor, right: Tensor) -> float:
    return frechet_distance(*moments(left), *moments(right))


def test_gaussians_that_commute_have_the_closed_form():
    mean, other = torch.tensor([1.0, 2.0], dtype=torch.float64), torch.tensor([4.0, -2.0], dtype=torch.float64)
    variances, others = torch.tensor([4.0, 9.0]).double(), torch.tensor([1.0, 25.0]).double()
    expected = 9 + 16 + (2 - 1) ** 2 + (3 - 5) ** 2  # of the means, and of the standard deviations
    assert frechet_distance(mean, variances.diag(), other, others.diag()) == pytest.approx(expected, rel=1e-12)


def test_gaussians_that_do_not_commute_have_the_trace_of_a_two_by_two_root():
    """tr (A^1/2 B A^1/2)^1/2 = sqrt(tr AB + 2 sqrt(det A det B)) for 2 x 2 matrices."""
    a = torch.tensor([[2.0, 1.0], [1.0, 3.0]], dtype=torch.float64)
    b = torch.tensor([[5.0, -2.0], [-2.0, 1.0]], dtype=torch.float64)
    root = ((a @ b).trace() + 2 * (a.det() * b.det()).sqrt()).sqrt()
    zero = torch.zeros(2, dtype=torch.float64)
    expected = float(a.trace() + b.trace() - 2 * root)
    assert frechet_distance(zero, a, zero, b) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(("n", "m", "dimensions"), [(500, 300, 16), (50, 80, 64), (3, 200, 32)])
def test_it_is_torch_fidelitys_on_the_same_features(n: int, m: int, dimensions: int):
    """With fewer samples than dimensions too, where the covariances are singular."""
    left, right = normal(n, dimensions, 0, 1.5, 0.3), normal(m, dimensions, 1)
    sides = [fid_features_to_statistics(side.double()) for side in (left, right)]
    expected = fid_statistics_to_metric(*sides, verbose=False)["frechet_inception_distance"]
    assert distance(left, right) == pytest.approx(expected, rel=1e-6)


def test_it_is_torchmetrics_on_the_same_images():
    class Flat(nn.Module):
        """The pixels are the features."""

        num_features = 12

        def forward(self, images: Tensor) -> Tensor:
            return images.flatten(1).float()

    images = torch.randint(0, 256, (80, 3, 2, 2), generator=noise.generator(0), dtype=torch.uint8)
    metric = FrechetInceptionDistance(feature=Flat(), input_img_size=(3, 2, 2))
    metric.set_dtype(torch.float64)
    metric.update(images[:50], real=True)
    metric.update(images[50:], real=False)
    assert distance(images[:50].flatten(1), images[50:].flatten(1)) == pytest.approx(float(metric.compute()), rel=1e-6)


def test_it_is_symmetric():
    left, right = normal(200, 24, 0), normal(300, 24, 1, 2.0)
    assert distance(left, right) == pytest.approx(distance(right, left), rel=1e-9)


@pytest.mark.parametrize("n", [10, 1000])
def test_of_a_set_and_itself_it_is_zero(n: int):
    features = normal(n, 128, 0, 10.0)
    assert 0 <= distance(features, features) < 1e-3


def test_moments_are_numpys():
    features = normal(40, 5, 0)
    mean, covariance = moments(features)
    np.testing.assert_allclose(mean, features.double().numpy().mean(0), rtol=1e-12)
    np.testing.assert_allclose(covariance, np.cov(features.double().numpy(), rowvar=False), rtol=1e-10)


def test_a_feature_that_is_not_finite_has_no_distance():
    features = normal(10, 4, 0)
    broken = features.clone()
    broken[3, 2] = float("inf")
    assert np.isnan(distance(features, broken))


def test_the_reference_is_every_real_image_whatever_the_number_of_samples():
    real = Features(normal(90, 4, 0), torch.zeros(90, 2))
    kept = FrechetDistance().statistics(real, 10)
    assert int(kept["count"]) == 90
    fake = Features(normal(20, 4, 1), torch.zeros(20, 2))
    assert FrechetDistance()(fake, kept) == {"fd": pytest.approx(distance(fake.values, real.values), rel=1e-12)}
