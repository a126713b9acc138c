"""Measures of a translation, on digits that are one grey level each and on points."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from gan_lightning.data.base import Samples
from gan_lightning.data.mnist import MNIST
from gan_lightning.data.unpaired_gaussians import UnpairedGaussians
from gan_lightning.data.unpaired_mnist import UnpairedMNIST
from gan_lightning.errors import UsageError
from gan_lightning.metrics.base import Draw, Figure
from gan_lightning.metrics.extractor import Extractor
from gan_lightning.metrics.labels import matched
from gan_lightning.metrics.translation import Translation, difference
from gan_lightning.networks.both_ways import Translators

LOADING = {"batch_size": 2, "minibatches": 1, "seed": 0}


class Shift(nn.Module):
    """Adds `by` grey levels, or as many units."""

    def __init__(self, shape: tuple[int, ...], by: float) -> None:
        super().__init__()
        self.by, self.latent_dim = by, 1

    def forward(self, samples: Tensor) -> Tensor:
        return samples + self.by


class Game:
    """As much of a game as is asked for: a way back that adds `by`."""

    device = torch.device("cpu")

    def __init__(self, by: float) -> None:
        self.translators = Translators(lambda shape: Shift(shape, by), ())

    def network(self, weights: str) -> nn.Module:
        return self.translators


class Levels(nn.Module):
    """Names a picture by its mean grey level over ten."""

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        names = images.float().mean((1, 2, 3)).div(10).round().long()
        return torch.zeros(len(images), 1), nn.functional.one_hot(names, 26).float()


@pytest.fixture
def digits(monkeypatch: pytest.MonkeyPatch) -> UnpairedMNIST:
    """Test digits 0, 1, 2 and 3 are grey levels 0, 10, 20 and 30; the target domain is inverted."""
    levels = torch.tensor([0, 10, 20, 30], dtype=torch.uint8).view(4, 1, 1, 1).repeat(1, 1, 8, 8)
    monkeypatch.setattr(MNIST, "test_samples", lambda self: Samples(levels, torch.arange(4)))
    monkeypatch.setattr("gan_lightning.metrics.classifier.load", lambda name: Levels())
    return UnpairedMNIST(**{"map": "invert", "root": "", "download": False, "size": 8, "flip": False} | LOADING)


def figures(found: list[Figure]) -> dict[str, float]:
    return {figure.stem: figure.value for figure in found}


def test_figures_of_digits_are_what_they_say(digits: UnpairedMNIST) -> None:
    source = digits.source_test().values
    samples = 255 - source - torch.tensor([0, 0, 4, 8]).view(4, 1, 1, 1).to(torch.uint8)  # 8 off: nearer to a 4
    game: Any = Game(by=2 / 127.5)
    draw = Draw(samples, digits, game, latents=digits.scale(source).flatten(1), weights="raw")
    found = Translation(4)(draw)
    returned = (255 - samples.int() - source) * 0 + samples.int() + 2
    assert figures(found) == {
        "cycle_error": pytest.approx((returned.clamp(max=255) - source.int()).abs().double().mean().item() / 255),
        "distance_to_truth": pytest.approx((4 + 8) / 4 / 255),
        "agreement_before": 1.0,
        "agreement_after": 0.75,
    }
    assert [figure.extractor for figure in found] == [None, None, "mnist", "mnist"]
    assert found[-1].name == "agreement_after4"
    assert figures(Translation(4).floor(draw)) == {
        **{"cycle_error": 0.0, "distance_to_truth": 0.0, "agreement_before": 1.0, "agreement_after": 1.0}
    }


def test_samples_alone_have_no_such_figures(digits: UnpairedMNIST) -> None:
    draw = Draw(digits.test_samples().values, digits)
    assert Translation(4)(draw) == Translation(4).floor(draw) == []


def test_figures_of_points_have_no_floor_without_a_known_map() -> None:
    ring = {"kind": "ring", "modes": 4, "radius": 1.0, "sigma": 0.01}
    data = UnpairedGaussians(ring, ring | {"radius": 2.0}, 8, **LOADING)
    source = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
    samples = 2 * source.roll(1, 0)  # every mode goes to the next one's place
    samples[3] = samples[2]  # but for one, which goes where another is
    game: Any = Game(by=0.0)
    draw = Draw(samples, data, game, latents=data.scale(source), weights="raw")
    distances = (samples - source).norm(dim=1).mean().item()
    assert figures(Translation(4)(draw)) == {"cycle_error": pytest.approx(distances), "one_to_one": 0.75}
    assert Translation(4).floor(draw) == []


def test_a_difference_is_in_shares_of_white_or_in_the_planes_units() -> None:
    black, white = torch.zeros(2, 1, 2, 2, dtype=torch.uint8), torch.full((2, 1, 2, 2), 255, dtype=torch.uint8)
    assert difference(black, white) == difference(white, black) == 1.0
    assert difference(torch.tensor([[0.0, 0.0], [1.0, 1.0]]), torch.tensor([[3.0, 4.0], [1.0, 1.0]])) == 2.5


@pytest.mark.parametrize(
    ("source", "target", "share"),
    [
        ([0, 0, 1, 1, 2, 2], [2, 2, 0, 0, 1, 1], 1.0),
        ([0, 0, 1, 1, 2, 2], [0, 0, 0, 0, 0, 0], 1 / 3),
        ([0, 0, 0, 0, 1, 1], [0, 0, 1, 1, 1, 1], 4 / 6),
        ([0, 1, 2, 2], [0, 0, 1, 1], 3 / 4),
    ],
)
def test_a_pairing_of_modes(source: list[int], target: list[int], share: float) -> None:
    assert matched(torch.tensor(source), torch.tensor(target)) == pytest.approx(share)


def test_data_of_one_domain_are_refused(points: Any) -> None:
    with pytest.raises(UsageError, match=r"measures two domains, and the data are Gaussians: set metrics=\[modes,"):
        Translation(4).check(points())


def test_the_classifier_is_the_shipped_one() -> None:
    assert isinstance(Translation(2)._classifier, Extractor)
