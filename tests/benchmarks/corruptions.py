"""Does the classifier distance rise with damage? Real MNIST test images, blurred, noisy, or without a digit.

    python tests/benchmarks/corruptions.py [FOLDER]

prints a Markdown table of `fd_classifier` against the training set at 1,000 and 10,000 images; 0 is the floor.
"""

import sys
from collections.abc import Callable

import torch
from torch import Tensor
from torchvision.transforms.v2.functional import gaussian_blur

from gan_lightning import noise
from gan_lightning.data.base import Samples
from gan_lightning.data.mnist import MNIST
from gan_lightning.metrics.classifier import ShippedClassifier
from gan_lightning.metrics.frechet import FrechetDistance
from gan_lightning.metrics.real import RealFeatures

SIZES = (1_000, 10_000)
BLURS, NOISES, MISSING = (0.5, 1.0, 1.5, 2.0), (0.05, 0.1, 0.2, 0.4), (1, 2, 5)
CPU = torch.device("cpu")

Damage = Callable[[Samples], Tensor]


def blurred(sigma: float) -> Damage:
    """Gaussian blur of that standard deviation in pixels."""
    size = 2 * int(3 * sigma + 0.5) + 1
    return lambda samples: gaussian_blur(samples.values, [size, size], [sigma, sigma])


def noisy(share: float) -> Damage:
    """Gaussian noise of that standard deviation as a share of white."""

    def damage(samples: Samples) -> Tensor:
        draws = torch.randn(samples.values.shape, generator=noise.generator(0)) * share * 255
        return (samples.values + draws).round().clamp(0, 255).to(torch.uint8)

    return damage


def without(digits: int) -> Damage:
    """The first digits left out: fewer images remain."""

    def damage(samples: Samples) -> Tensor:
        assert samples.labels is not None
        return samples.values[samples.labels >= digits]

    return damage


def main() -> None:
    """Print the table."""
    root = sys.argv[1] if len(sys.argv) > 1 else "data"
    data = MNIST(root, download=False, size=28, flip=False, batch_size=1, minibatches=1, seed=0)
    measure, extractor = FrechetDistance(), ShippedClassifier("mnist")
    kept = measure.statistics(RealFeatures(data, extractor, CPU).features("train"), 0)
    test = data.split("test")
    assert test.labels is not None
    order = torch.randperm(len(test.values), generator=noise.generator(0))
    shuffled = Samples(test.values[order], test.labels[order])
    damages: dict[str, Damage] = {"none: the floor": lambda samples: samples.values}
    damages |= {f"blur, σ {sigma} px": blurred(sigma) for sigma in BLURS}
    damages |= {f"noise, σ {share} of white": noisy(share) for share in NOISES}
    damages |= {f"without the first {digits} digit{'s' * (digits > 1)}": without(digits) for digits in MISSING}
    print("| test images, damaged | " + " | ".join(f"`fd_classifier{n // 1000}k_train`" for n in SIZES) + " |")
    print("| --- " * (1 + len(SIZES)) + "|")
    for name, damage in damages.items():
        cells = []
        for n in SIZES:
            images = damage(shuffled)[:n]
            few = f" (n {len(images):,})" if len(images) < n else ""
            cells.append(f"{measure(extractor(images, None, CPU), kept)['fd']:.2f}{few}")
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
