"""What 10,000 images cost: seconds of extracting features, and of each measure once they are there.

    python tests/benchmarks/metrics.py [FOLDER] [REPETITIONS]

prints a Markdown table: the median over repetitions. Statistics of the real side are cached in use, and timed apart.
Inception is timed without its published weights, which change nothing of its cost, on some hundred images.
"""

import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from unittest.mock import patch

import torch
from torch import nn
from torch_fidelity import feature_extractor_inceptionv3 as fidelity

from gan_lightning import noise
from gan_lightning.data.mnist import MNIST
from gan_lightning.metrics.classifier import ShippedClassifier
from gan_lightning.metrics.frechet import FrechetDistance
from gan_lightning.metrics.inception import InColour
from gan_lightning.metrics.kernel import KernelDistance
from gan_lightning.metrics.labels import LabelHistogram
from gan_lightning.metrics.manifold import Manifold
from gan_lightning.metrics.measure import Features, Measure
from gan_lightning.metrics.memorisation import Memorisation
from gan_lightning.metrics.score import ClassifierScore

INCEPTION_IMAGES = 100
N, DIMENSIONS, CLASSES, TRAINING = 10_000, 128, 10, 60_000
CPU = torch.device("cpu")


def seconds(call: Callable[[], object], repetitions: int) -> float:
    """Median wall time of a call."""
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def features(n: int, dimensions: int, key: int) -> Features:
    """Random ones: a measure's cost does not depend on what they say."""
    values = torch.randn(n, dimensions, generator=noise.generator(key))
    return Features(values, torch.randn(n, CLASSES, generator=noise.generator(key + 10)))


def untrained_inception() -> nn.Module:
    """FID's network as torch-fidelity builds it, its weights as they are drawn."""
    with patch.object(fidelity, "load_state_dict_from_url", lambda *args, **kwargs: {}):
        with patch.object(nn.Module, "load_state_dict", lambda self, state: None):
            return InColour(fidelity.FeatureExtractorInceptionV3("inception-v3-compat", ["2048", "logits_unbiased"]))


def main() -> None:
    """Print the table."""
    root = sys.argv[1] if len(sys.argv) > 1 else "data"
    repetitions = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    data = MNIST(root, download=False, size=28, flip=False, batch_size=1, minibatches=1, seed=0)
    images, extractor = data.split("test").values, ShippedClassifier("mnist")
    print(f"{torch.get_num_threads()} threads, median of {repetitions}\n")
    print("| for 10,000 images | seconds | once for the real side |")
    print("| --- | --- | --- |")
    cost = seconds(lambda: extractor(images, None, CPU), repetitions)
    print(f"| features of the shipped classifier | {cost:.1f} | {cost * TRAINING / N:.0f} |", flush=True)
    network, few = untrained_inception().eval(), images[:INCEPTION_IMAGES]
    with torch.no_grad():
        network(few[:10])
        cost = seconds(lambda: [network(batch) for batch in few.split(50)], repetitions) * N / INCEPTION_IMAGES
    print(
        f"| features of Inception (of {INCEPTION_IMAGES}, scaled) | {cost:.0f} | {cost * TRAINING / N:.0f} |",
        flush=True,
    )
    measures: dict[str, Measure] = {
        "Fréchet distance": FrechetDistance(),
        "kernel distance": KernelDistance(100, 1000),
        "classifier score": ClassifierScore(10),
        "precision, recall, density, coverage": Manifold(5),
        "label histogram": LabelHistogram(),
        "memorisation": Memorisation(),
    }
    for name, dimensions in [(name, DIMENSIONS) for name in measures] + [("Fréchet distance", 2048)]:
        measure = measures[name]
        fake, real = features(N, dimensions, 0), features(TRAINING, dimensions, 1)
        kept = measure.statistics(real, N)
        once = seconds(partial(measure.statistics, real, N), 1)
        cost = seconds(partial(measure, fake, kept), repetitions)
        print(f"| {name}, {dimensions} dimensions | {cost:.2f} | {once:.1f} |", flush=True)


if __name__ == "__main__":
    main()
