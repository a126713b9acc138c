"""Copies of training images are found out."""

import math

import pytest
import torch

from gan_lightning import noise
from gan_lightning.metrics.measure import Features
from gan_lightning.metrics.memorisation import Memorisation, authenticity
from gan_lightning.metrics.neighbours import nearest


def measured(samples: torch.Tensor, training: torch.Tensor) -> dict[str, float]:
    kept = Memorisation().statistics(Features(training, torch.zeros(len(training), 1)), 10)
    return Memorisation()(Features(samples, torch.zeros(len(samples), 1)), kept)


def test_a_sample_is_authentic_if_its_nearest_training_image_has_a_nearer_one():
    training = torch.tensor([[0.0], [1.0], [10.0]])  # distances to the next: 1, 1, 9
    samples = torch.tensor([[0.1], [-2.0], [14.0], [20.0]])  # nearest 0, 0, 10, 10 at 0.1, 2, 4, 10
    distance, authentic = authenticity(samples, training)
    assert distance.tolist() == pytest.approx([0.1, 2, 4, 10], rel=1e-6)
    assert authentic.tolist() == [False, True, False, True]
    assert measured(samples, training) == {"authenticity": 0.5, "nearest_distance": pytest.approx(2, rel=1e-6)}


def test_copies_are_not_authentic_and_lie_at_distance_zero():
    training = torch.randn(50, 8, generator=noise.generator(0))
    assert measured(training[:20], training) == {
        "authenticity": 0.0,
        "nearest_distance": pytest.approx(0, abs=1e-6),
    }


def test_fresh_draws_of_the_same_distribution_are_authentic_about_half_of_the_time():
    training = torch.randn(2000, 4, generator=noise.generator(0))
    fresh = torch.randn(1000, 4, generator=noise.generator(1))
    assert 0.4 < measured(fresh, training)["authenticity"] < 0.7


def test_the_nearest_is_the_one_of_all_distances():
    left, right = (torch.randn(30, 5, generator=noise.generator(key)) for key in (0, 1))
    distance, index = nearest(left, right)
    every = torch.cdist(left.double(), right.double())
    assert torch.equal(index, every.argmin(1))
    torch.testing.assert_close(distance, every.min(1).values)


def test_it_insists_on_the_training_set():
    assert Memorisation().against == "train"
    assert math.isclose(float(Memorisation().statistics(Features(torch.zeros(7, 1), torch.zeros(7, 1)), 2)["count"]), 7)
