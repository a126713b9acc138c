"""Inversion where the answer is known."""

import math

import pytest
import torch
from torch import Tensor

from gan_lightning.errors import UsageError
from gan_lightning.inference.inversion import PRIOR, invert, losses, nearest

MATRIX = torch.tensor([[1.0, 2.0, 0.3], [-0.1, 0.5, 1.0], [0.7, 0.0, 1.0]])
OFFSET = torch.tensor([1.0, 2.0, 3.0])


def affine(latents: Tensor) -> Tensor:
    return latents @ MATRIX + OFFSET


def starts(n: int) -> Tensor:
    return torch.randn((n, 3), generator=torch.Generator().manual_seed(0))


def test_a_sample_of_a_linear_generator_is_found() -> None:
    latent = torch.tensor([[0.5, -1.0, 0.2]])
    found = invert(affine, affine(latent), starts(4), 500)
    torch.testing.assert_close(affine(found.latent), affine(latent), rtol=0, atol=5e-3)
    torch.testing.assert_close(found.latent, latent, rtol=0, atol=5e-2)


def test_what_is_found_is_the_minimum_of_error_and_prior() -> None:
    """(A A^T + PRIOR I) z = A (x - b): both means are over three entries."""
    target = torch.tensor([[4.0, -3.0, 1.0]])
    expected = torch.linalg.solve(MATRIX @ MATRIX.T + PRIOR * torch.eye(3), MATRIX @ (target - OFFSET)[0])[None]
    found = invert(affine, target, starts(3), 1500)
    torch.testing.assert_close(found.latent, expected, rtol=0, atol=1e-2)
    assert found.loss == pytest.approx(losses(affine(expected), target, expected).item(), abs=1e-5)


def test_the_best_of_all_starts_is_kept_and_none_disturbs_another() -> None:
    def two_valleys(latents: Tensor) -> Tensor:
        return (latents.square() - 4).square() + latents  # minima near -2 and 2, the former lower

    target, pair = torch.zeros(1, 1) - 3, torch.tensor([[2.2], [-2.2]])
    alone = [invert(two_valleys, target, pair[k : k + 1], 100) for k in (0, 1)]
    assert alone[1].loss < alone[0].loss
    both = invert(two_valleys, target, pair, 100)
    assert both.latent.item() == alone[1].latent.item() and both.loss == alone[1].loss


def test_the_best_step_is_kept_and_the_start_counts() -> None:
    at_the_minimum = torch.zeros(1, 3)
    found = invert(affine, OFFSET[None], at_the_minimum, 3)
    assert torch.equal(found.latent, at_the_minimum) and found.loss == 0


def test_starts_are_those_that_cost_least() -> None:
    latents = starts(200)
    target = affine(latents[150:151])
    cost = losses(affine(latents), target, latents)
    chosen = nearest(affine, target, latents, 5)
    assert torch.equal(chosen[0], latents[cost.argmin()])
    assert sorted(losses(affine(chosen), target, chosen).tolist()) == pytest.approx(sorted(cost.tolist())[:5])


def test_a_generator_that_diverged_is_refused() -> None:
    with pytest.raises(UsageError, match="not finite"):
        invert(lambda latents: latents * math.nan, torch.zeros(1, 3), starts(2), 2)
