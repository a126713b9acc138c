"""CycleGAN's translator of points."""

import pytest
import torch

from gan_lightning.errors import UsageError
from gan_lightning.networks.point_translator import Generator


def test_a_point_moves_by_what_the_perceptron_says():
    translator = Generator((3,), 8, 2, "relu", "none")
    points = torch.randn(5, 3)
    torch.testing.assert_close(translator(points), points + translator.move(points))
    with torch.no_grad():
        for parameter in list(translator.parameters())[-2:]:
            parameter.zero_()
    assert torch.equal(translator(points), points)


def test_images_are_refused():
    with pytest.raises(UsageError, match="^network=point_translator translates points, .*: use network=translator$"):
        Generator((1, 8, 8), 8, 2, "relu", "none")
