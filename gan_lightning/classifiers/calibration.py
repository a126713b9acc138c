"""How sure a classifier may be: smoothed labels leave it too modest, and a score of its certainty needs it honest."""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from gan_lightning.classifiers.network import Classifier

_BATCH = 500


@torch.no_grad()
def calibrate(classifier: Classifier, images: Tensor, labels: Tensor) -> float:
    """Divide the logits by the temperature that suits these images best; which class is likeliest stays.

    Args:
        classifier: changed in its last layer alone, so its features stay too.
        images: uint8 (N, C, H, W).
        labels: (N,).

    Returns:
        The temperature (Guo et al. 2017, arXiv:1706.04599, sec. 4.2).
    """
    classifier.eval()
    logits = torch.cat([classifier(batch).logits for batch in images.split(_BATCH)])
    found = temperature(logits, labels)
    for parameter in classifier.head.parameters():
        parameter.div_(found)
    return found


def temperature(logits: Tensor, labels: Tensor) -> float:
    """The T that minimises the cross-entropy of logits (N, K) / T, by ternary search: it is convex in 1 / T."""
    low, high = 0.02, 50.0  # of 1 / T
    for _ in range(60):
        third = (high - low) / 3
        left, right = low + third, high - third
        if cross_entropy(logits * left, labels) < cross_entropy(logits * right, labels):
            high = right
        else:
            low = left
    return 2 / (low + high)
