"""A sheet of images: its size, its pixels, and what it refuses."""

import numpy as np
import pytest
from PIL import Image

from gan_lightning.callbacks.grid import Grid
from gan_lightning.errors import UsageError


def last_picture(folder):
    return np.asarray(Image.open(sorted((folder / "samples").iterdir())[-1]))


@pytest.mark.parametrize(
    "shape, n, size",
    [
        ((1, 8, 8), 16, (546, 546)),  # 4 (8 + 2) + 2 = 42 px, enlarged 13 times
        ((3, 8, 8), 5, (512, 352)),  # 3 columns, 2 rows: 32 x 22 px, 16 times
        ((3, 128, 128), 16, (522, 522)),  # large enough as it is
    ],
)
def test_the_sheet_is_near_square_and_enlarged_by_a_whole_factor(image_game, images, fit, tmp_path, shape, n, size):
    fit(image_game(shape), 1, data=images(shape), callbacks=[Grid(str(tmp_path), every=1, n=n)])
    picture = last_picture(tmp_path)
    assert picture.shape == (size[1], size[0], 3)
    assert picture.dtype == np.uint8


def test_each_pixel_is_the_restored_sample_in_a_white_frame(image_game, images, fit, tmp_path):
    game, data, grid = image_game((3, 8, 8)), images((3, 8, 8)), Grid(str(tmp_path), every=1, n=5)
    fit(game, 1, data=data, callbacks=[grid])
    expected = data.restore(game.sample(grid._latents, "raw")).permute(0, 2, 3, 1).numpy()
    sheet = last_picture(tmp_path)[8::16, 8::16]  # the middle of each enlarged pixel
    np.testing.assert_array_equal(sheet[2:10, 2:10], expected[0])
    np.testing.assert_array_equal(sheet[2:10, 22:30], expected[2])
    np.testing.assert_array_equal(sheet[12:20, 12:20], expected[4])
    assert (sheet[:2] == 255).all() and (sheet[:, 10:12] == 255).all()
    assert (sheet[12:, 22:] == 255).all()  # no sixth image


def test_a_grey_image_has_three_equal_channels(image_game, images, fit, tmp_path):
    fit(image_game((1, 8, 8)), 1, data=images((1, 8, 8)), callbacks=[Grid(str(tmp_path), every=1, n=4)])
    picture = last_picture(tmp_path)
    assert (picture == picture[..., :1]).all()


def test_points_are_refused_with_the_override_that_shows_them(small_game, fit, tmp_path):
    with pytest.raises(UsageError, match="samples=scatter"):
        fit(small_game(), 1, callbacks=[Grid(str(tmp_path), every=1, n=4)])
