"""The classifier distance rises with damage: digits set in type, shifted and turned at random, then made worse."""

from collections.abc import Callable

import pytest
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor
from torchvision.transforms.v2.functional import gaussian_blur, pil_to_tensor

from gan_lightning import noise
from gan_lightning.metrics.classifier import ShippedClassifier
from gan_lightning.metrics.frechet import FrechetDistance

CPU = torch.device("cpu")
Distance = Callable[[Tensor], float]


def digits(n: int, key: int) -> Tensor:
    """uint8 (n, 1, 28, 28), the digits in turn."""
    randomness = noise.generator(key)
    return torch.stack([_digit(number % 10, torch.rand(4, generator=randomness).tolist()) for number in range(n)])


def _digit(digit: int, chances: list[float]) -> Tensor:
    """A digit of random size and place, turned by at most 15 degrees."""
    x, y, turn, size = chances
    picture = Image.new("L", (28, 28))
    font = ImageFont.load_default(20 + 4 * size)
    ImageDraw.Draw(picture).text((12 + 4 * x, 12 + 4 * y), str(digit), fill=255, font=font, anchor="mm")
    return pil_to_tensor(picture.rotate(30 * turn - 15, Image.Resampling.BILINEAR))


@pytest.fixture(scope="module")
def fresh() -> Tensor:
    """Digits that the reference lacks."""
    return digits(600, 1)


@pytest.fixture(scope="module")
def distance() -> Distance:
    """Fréchet distance in the features of the shipped MNIST classifier from other such digits."""
    measure, extractor = FrechetDistance(), ShippedClassifier("mnist")
    kept = measure.statistics(extractor(digits(600, 0), None, CPU), 0)
    return lambda images: measure(extractor(images, None, CPU), kept)["fd"]


def blurred(images: Tensor, sigma: float) -> Tensor:
    return gaussian_blur(images, [13, 13], [sigma, sigma])


def noisy(images: Tensor, share: float) -> Tensor:
    draws = torch.randn(images.shape, generator=noise.generator(2)) * share * 255
    return (images + draws).round().clamp(0, 255).to(torch.uint8)


def without(images: Tensor, missing: float) -> Tensor:
    return images[torch.arange(len(images)) % 10 >= missing]


@pytest.mark.parametrize(
    ("damage", "degrees"),
    [(blurred, (0.7, 1.0, 1.5, 2.0)), (noisy, (0.05, 0.1, 0.2, 0.4)), (without, (1, 3, 5))],
)
def test_it_rises_with(
    damage: Callable[[Tensor, float], Tensor], degrees: tuple[float, ...], fresh: Tensor, distance: Distance
):
    distances = [distance(fresh), *(distance(damage(fresh, degree)) for degree in degrees)]
    assert distances == sorted(distances)
    assert distances[1] > 1.5 * distances[0]  # the mildest damage stands clear of the floor
