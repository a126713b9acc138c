"""The classifier score against its extremes and against torch-fidelity's."""

import math

import pytest
import torch
from torch_fidelity.metric_isc import isc_features_to_metric

from gan_lightning import noise
from gan_lightning.metrics.measure import Features
from gan_lightning.metrics.score import ClassifierScore, classifier_score


@pytest.mark.parametrize(("n", "splits"), [(100, 10), (100, 1), (1000, 7)])
def test_it_is_torch_fidelitys(n: int, splits: int):
    logits = torch.randn(n, 10, generator=noise.generator(0)) * 3
    expected = isc_features_to_metric(logits, splits, True, 2020)["inception_score_mean"]
    if n % splits == 0:
        assert classifier_score(logits, splits) == pytest.approx(expected, rel=1e-9)
    else:  # parts of unequal size are cut one sample apart
        assert classifier_score(logits, splits) == pytest.approx(expected, rel=1e-2)


def test_sure_and_varied_samples_score_the_number_of_classes():
    logits = torch.eye(8).repeat(50, 1) * 1e3
    assert classifier_score(logits, 1) == pytest.approx(8, rel=1e-9)


def test_one_class_alone_and_no_opinion_both_score_one():
    assert classifier_score(torch.eye(8)[:1].repeat(50, 1) * 1e3, 10) == pytest.approx(1, rel=1e-9)
    assert classifier_score(torch.zeros(50, 8), 10) == pytest.approx(1, rel=1e-9)


def test_half_sure_samples_have_the_closed_form():
    """p(y|x) is (3/4, 1/4) or the other way round, p(y) one half: KL = ln 2 + 3/4 ln 3/4 + 1/4 ln 1/4."""
    logits = torch.tensor([[math.log(3.0), 0.0], [0.0, math.log(3.0)]]).repeat(10, 1)
    expected = math.exp(math.log(2) + 0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    assert classifier_score(logits, 1) == pytest.approx(expected, rel=1e-6)


def test_it_needs_no_real_images():
    features = Features(torch.zeros(20, 3), torch.randn(20, 4))
    assert ClassifierScore(10).statistics(features, 20) == {}
    assert ClassifierScore(10)(features, {}) == {"score": classifier_score(features.logits, 10)}


def test_fewer_samples_than_parts_are_no_error():
    assert classifier_score(torch.zeros(3, 4), 10) == pytest.approx(1, rel=1e-9)
