"""Which classes are generated, and whether they are the ones that were asked for."""

from typing import final

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from gan_lightning.metrics.measure import Features, Measure, Statistics


@final
class LabelHistogram(Measure):
    """The share of each class among the samples, by the classifier's word, and how far that is from real images'."""

    def statistics(self, real: Features, n: int) -> dict[str, Tensor]:
        """The real images' counts (K,), by the same classifier: its own mistakes cancel out."""
        return {"counts": label_counts(real.logits), "count": torch.tensor(len(real.logits))}

    def __call__(self, fake: Features, real: Statistics) -> dict[str, float]:
        """`label_kl`, KL(generated || real) in nats, and `label_share_<class>` in [0, 1]."""
        counts = label_counts(fake.logits)
        shares = {f"label_share_{label}": float(count) / len(fake.logits) for label, count in enumerate(counts)}
        return {"label_kl": label_kl(counts, real["counts"])} | shares


@final
class Agreement(Measure):
    """The share of conditional samples that the classifier takes for what was asked for."""

    needs_labels = True

    def __call__(self, fake: Features, real: Statistics) -> dict[str, float]:
        """`agreement` in [0, 1]; nothing where no class was asked for. The floor is the classifier's accuracy."""
        if fake.labels is None:
            return {}
        return {"agreement": float((fake.logits.argmax(1) == fake.labels).double().mean())}


@final
class Purity(Measure):
    """How far each code that was asked for gives samples of one class (InfoGAN's question, without its matching)."""

    def __call__(self, fake: Features, real: Statistics) -> dict[str, float]:
        """`purity` and `matched` in [0, 1]; nothing where nothing was asked for.

        Samples that are all of one class are pure, and matched to a tenth where there are ten codes.
        """
        if fake.labels is None:
            return {}
        classes = fake.logits.argmax(1)
        return {"purity": purity(fake.labels, classes), "matched": matched(fake.labels, classes)}


def purity(codes: Tensor, labels: Tensor) -> float:
    """The share of n samples whose class is the most frequent one among those with their code.

    Args:
        codes: (n,) int64.
        labels: the class of each, (n,) int64.
    """
    return float(_together(codes, labels).amax(1).sum()) / len(codes)


def matched(codes: Tensor, labels: Tensor) -> float:
    """The share of n samples whose class is the one matched with their code, each code with a class of its own.

    The matching is the best there is (Kuhn 1955, the Hungarian method); codes beyond the classes match nothing.

    Args:
        codes: (n,) int64.
        labels: the class of each, (n,) int64.
    """
    counts = _together(codes, labels).numpy()
    rows, columns = linear_sum_assignment(counts, maximize=True)
    return float(counts[rows, columns].sum()) / len(codes)


def _together(codes: Tensor, labels: Tensor) -> Tensor:
    """How often each code and class occur together, int64 (codes, classes)."""
    wide = int(labels.max()) + 1
    return torch.bincount(codes * wide + labels, minlength=(int(codes.max()) + 1) * wide).view(-1, wide)


def label_counts(logits: Tensor) -> Tensor:
    """How often each of the K classes is the likeliest, (K,) int64, of logits (n, K)."""
    return torch.bincount(logits.argmax(1), minlength=logits.shape[1])


def label_kl(counts: Tensor, other: Tensor) -> float:
    """KL in nats between two histograms (K,) of counts; 0 log 0 is 0.

    A class that the other side lacks counts there as half a sample, so that it costs much, not infinity.
    """
    shares = counts.double() / counts.sum()
    others = other.double().clamp(min=0.5) / other.double().clamp(min=0.5).sum()
    return float((torch.special.xlogy(shares, shares) - torch.special.xlogy(shares, others)).sum())
