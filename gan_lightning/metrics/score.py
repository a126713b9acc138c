"""How sure a classifier is of each sample, and how varied all of them are (Salimans et al. 2016, arXiv:1606.03498)."""

from typing import final

import numpy as np
import torch
from torch import Tensor

from gan_lightning.metrics.measure import Features, Measure, Statistics

_SEED = 2020  # of the shuffle, torch-fidelity's


@final
class ClassifierScore(Measure):
    """exp E KL(p(y|x) || p(y)), from 1 to the number of classes: the Inception Score with Inception's classes.

    Blind to what a class looks like: one perfect sample of each gives the highest score.

    Args:
        splits: parts over whose scores the mean is taken; 10 in the literature.
    """

    def __init__(self, splits: int) -> None:
        self.splits = splits

    def __call__(self, fake: Features, real: Statistics) -> dict[str, float]:
        """`score`."""
        return {"score": classifier_score(fake.logits, self.splits)}


def classifier_score(logits: Tensor, splits: int) -> float:
    """The score of logits (n, K), the mean over `splits` parts (at most n) of a fixed shuffle."""
    order = np.random.RandomState(_SEED).permutation(len(logits))
    shuffled = logits[torch.from_numpy(order)].double().softmax(1)
    scores = []
    for part in np.array_split(np.arange(len(logits)), min(splits, len(logits))):
        p = shuffled[part[0] : part[-1] + 1]
        divergence = torch.special.xlogy(p, p) - torch.special.xlogy(p, p.mean(0))  # 0 log 0 is 0
        scores.append(float(divergence.sum(1).mean().exp()))
    return sum(scores) / len(scores)
