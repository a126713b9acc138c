"""Kernels at written-out distances."""

import pytest
import torch

from gan_lightning.kernels import RationalQuadratic

ORIGIN, AWAY = torch.zeros(1, 2), torch.tensor([[3.0, 4.0], [0.0, 0.0]])


def test_a_rational_quadratic_kernel_is_its_closed_form():
    kernel = RationalQuadratic([1.0])(ORIGIN, AWAY)
    assert kernel.shape == (1, 2)
    assert kernel[0].tolist() == pytest.approx([1 / 13.5, 1], rel=1e-6)


def test_a_mixture_is_a_sum():
    kernel = RationalQuadratic([0.5, 1.0, 2.0])(ORIGIN, AWAY)
    assert kernel[0].tolist() == pytest.approx([26**-0.5 + 13.5**-1 + 7.25**-2, 3], rel=1e-6)


def test_distances_are_taken_in_float32_under_autocast():
    left, right = torch.tensor([[100.0, 1.0]]), torch.tensor([[100.0, 2.0]])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        kernel = RationalQuadratic([1.0])(left.bfloat16(), right)
    assert kernel.dtype == torch.float32
    assert kernel.item() == pytest.approx(1 / 1.5, rel=1e-2)


def test_the_gradient_is_finite_where_points_coincide():
    points = torch.randn(4, 3, requires_grad=True)
    RationalQuadratic([0.2, 5.0])(points, points).sum().backward()
    assert points.grad is not None and points.grad.isfinite().all()
