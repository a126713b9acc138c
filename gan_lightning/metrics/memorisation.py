"""Whether samples are copies of training images."""

from typing import final

import torch
from torch import Tensor

from gan_lightning.metrics.measure import Features, Measure, Statistics
from gan_lightning.metrics.neighbours import nearest

_SHOWN = 10


@final
class Memorisation(Measure):
    """Distances of samples from their nearest training images; the floor is the same of held-out real images.

    A sample is authentic if it is further from its nearest training image than that image is from the next training
    image (Alaa et al. 2022, arXiv:2102.08921, sec. 4.3). Copies are not; many held-out real images are, so that an
    authenticity below the floor speaks of memorisation, and one far above it of samples off the data.
    """

    against = "train"

    def statistics(self, real: Features, n: int) -> dict[str, Tensor]:
        """All training features (N, D)."""
        return {"features": real.values.contiguous(), "count": torch.tensor(len(real.values))}

    def beside(self, fake: Features, real: Statistics) -> tuple[Tensor, Tensor]:
        """The ten samples that are nearest to a training image, then the first ten, each with its nearest."""
        distance, index = nearest(fake.values, real["features"])
        rows = torch.cat([distance.argsort()[:_SHOWN], torch.arange(min(_SHOWN, len(distance)))])
        return rows, index[rows]

    def __call__(self, fake: Features, real: Statistics) -> dict[str, float]:
        """`authenticity`, a share in [0, 1], and `nearest_distance`, the median in feature units."""
        distance, authentic = authenticity(fake.values, real["features"])
        return {"authenticity": float(authentic.double().mean()), "nearest_distance": float(distance.median())}


def authenticity(samples: Tensor, training: Tensor) -> tuple[Tensor, Tensor]:
    """Distance (n,) of samples (n, D) from the nearest of the training features (N, D), and whether each is authentic.

    A training image that is twice in the set stands at distance 0 from the next one.
    """
    distance, index = nearest(samples, training)
    owners, owner = index.unique(return_inverse=True)  # many samples may share a nearest image
    next_distance, _ = nearest(training[owners], training, k=2)
    return distance, distance > next_distance[owner]
