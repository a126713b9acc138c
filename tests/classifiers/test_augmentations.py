import pytest
import torch
from torch import Tensor

from gan_lightning.classifiers.augmentations import Augmentation, affine, cutout, flip, in_order, shift


def randomness(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def ramp(n: int = 64, channels: int = 2, side: int = 8) -> Tensor:
    """Every image the same; every pixel another value."""
    values = torch.arange(channels * side * side, dtype=torch.uint8).reshape(1, channels, side, side)
    return values.repeat(n, 1, 1, 1)


ALL = [flip, shift(2, "constant"), shift(2, "reflect"), cutout(4), affine(10, (0.8, 1.2), 0.1, 1)]


@pytest.mark.parametrize("augmentation", [*ALL, in_order(*ALL)])
def test_a_batch_keeps_its_shape_and_type_varies_by_image_and_repeats_by_seed(augmentation: Augmentation) -> None:
    images = ramp()
    varied = augmentation(images, randomness())
    assert varied.shape == images.shape and varied.dtype == torch.uint8
    assert torch.equal(images, ramp())  # what is stored isn't touched
    assert torch.equal(varied, augmentation(images, randomness()))
    assert not torch.equal(varied, augmentation(images, randomness(1)))
    assert len(varied.flatten(1).unique(dim=0)) > 1


def test_flip_mirrors_about_half_of_the_images() -> None:
    images = ramp(1000)
    mirrored = (flip(images, randomness()) == images.flip(-1)).flatten(1).all(dim=1)
    unchanged = (flip(images, randomness()) == images).flatten(1).all(dim=1)
    assert torch.equal(mirrored, ~unchanged)
    assert 400 < mirrored.sum() < 600


def test_shift_reaches_every_place_and_no_other() -> None:
    images = torch.zeros(2000, 1, 7, 7, dtype=torch.uint8)
    images[:, 0, 3, 3] = 255
    moved = shift(2, "constant")(images, randomness())
    assert (moved.flatten(1).sum(dim=1) == 255).all()
    rows, columns = moved.amax(dim=0)[0].nonzero().T
    assert sorted(zip(rows.tolist(), columns.tolist(), strict=True)) == [
        (r, c) for r in range(1, 6) for c in range(1, 6)
    ]


def test_shift_moves_channels_together_and_fills_as_it_is_told() -> None:
    moved = shift(1, "constant")(ramp(), randomness())
    inside = moved[:, 0, 1:-1, 1:-1]
    assert torch.equal(moved[:, 1, 1:-1, 1:-1], inside + 64)
    assert (moved[:, 1] == 0).any()  # the second channel starts at 64
    assert not (shift(1, "reflect")(ramp(), randomness())[:, 1] == 0).any()


def test_cutout_paints_one_square_mid_grey() -> None:
    cut = cutout(3)(torch.zeros(500, 1, 9, 9, dtype=torch.uint8), randomness())
    assert cut.unique().tolist() == [0, 127]
    areas = (cut == 127).flatten(1).sum(dim=1)
    assert areas.max() == 9 and areas.min() == 4  # a corner's square is cut to 2 x 2
    assert (cut == 127).any(dim=0).all()


def test_affine_of_nothing_changes_nothing() -> None:
    assert torch.equal(affine(0, (1, 1), 0, 0)(ramp(), randomness()), ramp())


def test_affine_scales_what_is_seen() -> None:
    images = torch.zeros(1, 1, 40, 40, dtype=torch.uint8)
    images[..., 15:25, 15:25] = 255
    assert (affine(0, (2, 2), 0, 0)(images, randomness()) > 127).sum() == 20 * 20


def test_affine_moves_by_up_to_so_many_pixels() -> None:
    images = torch.zeros(500, 1, 21, 21, dtype=torch.uint8)
    images[..., 10, 10] = 255
    moved = affine(0, (1, 1), 0, 3)(images, randomness()).float()
    centres = (moved.sum(dim=2) * torch.arange(21)).sum(dim=(1, 2)) / moved.sum(dim=(1, 2, 3))
    assert 6.9 < centres.min() < 7.5 and 12.5 < centres.max() < 13.1
