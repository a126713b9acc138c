"""Maps of digits with an inverse."""

import pytest
import torch

from gan_lightning.data.known_maps import MAPS, Colour

GREYS = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16)


@pytest.mark.parametrize("name", MAPS)
def test_a_map_can_be_undone(name: str) -> None:
    known = MAPS[name]()
    source = known.source(GREYS)
    target = known.there(source)
    assert source.shape == target.shape == (1, known.channels, 16, 16) and target.dtype == torch.uint8
    assert torch.equal(known.back(target), source)
    assert torch.equal(known.digits(source), GREYS)
    assert not torch.equal(target, source)


def test_black_becomes_the_ground_and_white_the_ink() -> None:
    target = Colour().there(Colour().source(GREYS))
    assert target[0, :, 0, 0].tolist() == list(Colour.GROUND)
    assert target[0, :, 15, 15].tolist() == list(Colour.INK)


def test_a_colour_off_the_line_goes_back_to_the_nearest_on_it() -> None:
    colours = torch.tensor([[0, 0, 255], [255, 255, 0]], dtype=torch.uint8).view(2, 3, 1, 1)
    assert Colour().back(colours)[:, 0].flatten().tolist() == [0, 255]
    assert not Colour().back(colours).float().std(1).any()  # grey


def test_inverting_and_turning_are_what_they_say() -> None:
    assert MAPS["invert"]().there(GREYS).flatten().tolist() == list(range(255, -1, -1))
    corner = torch.zeros(1, 1, 4, 4, dtype=torch.uint8)
    corner[0, 0, 0, 3] = 9  # top right
    assert MAPS["rotate"]().there(corner)[0, 0, 0, 0] == 9  # against the clock: top left
