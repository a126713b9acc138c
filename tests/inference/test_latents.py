"""Latents: which seed gives which, and the truncated normal."""

import pytest
import torch
from scipy.stats import kstest, norm, truncnorm

from gan_lightning.inference.latents import BLOCK, draw_latents, latent_blocks
from gan_lightning.priors import Normal


def truncated(n: int, bound: float | None, seed: int = 0) -> torch.Tensor:
    return torch.cat(list(latent_blocks(n, Normal(10), seed, bound)))


@pytest.mark.parametrize("n", [1, 10, BLOCK, BLOCK + 1])
def test_a_latent_is_the_same_however_many_are_drawn(n: int) -> None:
    assert torch.equal(draw_latents(n, Normal(3), 7), draw_latents(500, Normal(3), 7)[:n])


def test_blocks_are_whole_and_seeds_are_unrelated() -> None:
    assert [len(block) for block in latent_blocks(BLOCK + 1, Normal(3), 0)] == [BLOCK, BLOCK]
    latents = torch.stack([draw_latents(5000, Normal(3), seed).flatten() for seed in (0, 1)])
    assert abs(torch.corrcoef(latents)[0, 1]) < 0.03  # 3.7 standard errors


def test_latents_are_standard_normal() -> None:
    assert kstest(truncated(2000, None).flatten().numpy(), norm.cdf).pvalue > 0.01


@pytest.mark.parametrize("bound", [0.05, 0.7, 2.0])
def test_truncated_latents_follow_the_truncated_normal_distribution(bound: float) -> None:
    entries = truncated(2000, bound).flatten()
    assert entries.abs().max() <= bound
    assert kstest(entries.numpy(), truncnorm(-bound, bound).cdf).pvalue > 0.01


def test_truncation_leaves_what_lies_within_and_far_bounds_leave_everything() -> None:
    free, bound = truncated(200, None), truncated(200, 1.0)
    within = free.abs() <= 1
    assert torch.equal(free[within], bound[within]) and not torch.equal(free, bound)
    assert torch.equal(truncated(200, 50.0), free)


def test_a_truncated_latent_is_the_same_however_many_are_drawn() -> None:
    assert torch.equal(truncated(300, 0.5)[:BLOCK], truncated(1, 0.5))
