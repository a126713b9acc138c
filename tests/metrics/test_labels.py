"""The classes that samples are taken for."""

import math

import pytest
import torch

from gan_lightning.metrics.labels import Agreement, LabelHistogram, Purity, label_counts, label_kl, matched, purity
from gan_lightning.metrics.measure import Features


def features(*labels: int, asked: list[int] | None = None) -> Features:
    wanted = None if asked is None else torch.tensor(asked)
    return Features(torch.zeros(len(labels), 1), torch.eye(4)[list(labels)], wanted)


def test_the_histogram_is_that_of_the_likeliest_classes():
    assert label_counts(features(0, 3, 3, 1).logits).tolist() == [1, 1, 0, 2]


def test_shares_and_their_divergence_from_the_data():
    kept = LabelHistogram().statistics(features(0, 1, 2, 3), 9)
    figures = LabelHistogram()(features(0, 0, 1, 1), kept)
    assert [figures[f"label_share_{label}"] for label in range(4)] == [0.5, 0.5, 0.0, 0.0]
    assert figures["label_kl"] == pytest.approx(math.log(2), rel=1e-9)
    assert int(kept["count"]) == 4


def test_like_histograms_have_no_divergence_whatever_their_sizes():
    assert label_kl(torch.tensor([2, 4, 6]), torch.tensor([100, 200, 300])) == pytest.approx(0, abs=1e-12)


def test_a_class_that_the_data_lack_costs_much_and_not_infinity():
    expected = 0.5 * math.log(0.5 / (10 / 10.5)) + 0.5 * math.log(0.5 / (0.5 / 10.5))
    assert label_kl(torch.tensor([5, 5]), torch.tensor([10, 0])) == pytest.approx(expected, rel=1e-9)


def test_agreement_is_the_share_of_samples_that_are_what_was_asked_for():
    assert Agreement()(features(0, 1, 2, 3, asked=[0, 1, 2, 0]), {}) == {"agreement": 0.75}


def test_where_nothing_was_asked_for_there_is_no_agreement():
    assert Agreement()(features(0, 1), {}) == {}


def test_purity_is_the_share_of_each_codes_most_frequent_class():
    codes, labels = torch.tensor([0, 0, 0, 1, 1, 2]), torch.tensor([3, 3, 1, 1, 1, 0])
    assert purity(codes, labels) == pytest.approx(5 / 6)
    assert purity(labels, labels) == purity(torch.tensor([5, 5]), torch.tensor([0, 0])) == 1
    assert purity(torch.zeros(4, dtype=torch.long), torch.arange(4)) == 0.25


def test_a_class_is_matched_with_one_code_however_pure_the_others_are():
    codes, same = torch.arange(4), torch.full((4,), 2)
    assert purity(codes, same) == 1 and matched(codes, same) == 0.25
    assert matched(torch.tensor([1, 1, 0, 0]), torch.tensor([0, 0, 1, 1])) == 1
    crossed = torch.tensor([0, 0, 0, 1, 1]), torch.tensor([0, 0, 1, 0, 0])  # both codes want class 0
    assert purity(*crossed) == pytest.approx(4 / 5) and matched(*crossed) == pytest.approx(3 / 5)


def test_purity_is_measured_of_what_was_asked_for():
    assert Purity()(features(3, 3, 1, 1, 1, 0, asked=[0, 0, 0, 1, 1, 2]), {}) == {
        "purity": pytest.approx(5 / 6),
        "matched": pytest.approx(5 / 6),
    }
    assert Purity()(features(0, 1), {}) == {}
