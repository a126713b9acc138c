"""What is shown of images and of points."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from gan_lightning.data.base import Samples
from gan_lightning.inference.of_images import ImageView, psnr
from gan_lightning.inference.of_points import PointView

RING = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])


def test_the_peak_signal_to_noise_ratio() -> None:
    black = torch.zeros(1, 1, 2, 2, dtype=torch.uint8)
    assert psnr(black, black) == float("inf")
    assert psnr(black, black + 255) == 0
    one = black.clone()
    one[..., 0, 0] = 51  # mean squared error 51^2 / 4: 20 log10(5) + 10 log10(4)
    assert psnr(black, one) == pytest.approx(13.9794 + 6.0206, abs=1e-3)


def test_a_distance_is_in_the_datas_units() -> None:
    view = PointView(RING, RING)
    assert view.closeness(torch.tensor([[3.0, 0.0]]), torch.tensor([[0.0, 4.0]])) == "distance 5"


@pytest.mark.parametrize("channels", [1, 3])
def test_files_are_numbered_through_all_blocks(channels: int, tmp_path: Path) -> None:
    samples = torch.randint(0, 256, (5, channels, 4, 4), dtype=torch.uint8)
    ImageView().write_files([Samples(some, None) for some in samples.split(2)], tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{number:08d}.png" for number in range(5)]
    last = np.asarray(Image.open(tmp_path / "00000004.png"))
    np.testing.assert_array_equal(last.reshape(4, 4, channels), samples[4].permute(1, 2, 0).numpy())


def test_a_path_is_coloured_and_named_by_its_direction() -> None:
    view = PointView(RING, RING)
    rows = torch.stack([torch.linspace(-1, 1, 49)[:, None] * torch.tensor(way) for way in ([1.0, 0.0], [0.0, 1.0])])
    bare, named = (np.asarray(view.rows(rows, words, [], "")) for words in ([], ["1", "2"]))
    assert not np.array_equal(bare, named)
    for colour in ((0x1F, 0x77, 0xB4), (0xE8, 0x71, 0x0A)):
        assert (bare == colour).all(2).any()


def test_a_frame_of_a_film_has_a_dot_on_each_path() -> None:
    frames = torch.stack([torch.tensor([[x, 0.0], [0.0, x]]) for x in (-1.0, 0.5, 1.0)])
    first, second, _ = (np.asarray(picture) for picture in PointView(RING, RING).film(frames))
    assert first.shape == (600, 600, 3) and not np.array_equal(first, second)


def test_a_target_outside_the_data_is_shown() -> None:
    view = PointView(RING, RING)
    far = np.asarray(view.pair(torch.tensor([[9.0, 9.0]]), torch.tensor([[0.0, 0.0]]), ""))
    assert ((far == (0x39, 0x42, 0x4E)).all(2)[50:250, 350:]).any()  # the cross, in the upper right
