"""Points over the discriminator's field: units, limits, colours."""

import sys

import numpy as np
import pytest
import torch
from PIL import Image

from gan_lightning.callbacks import scatter
from gan_lightning.callbacks.scatter import Scatter
from gan_lightning.errors import UsageError
from gan_lightning.losses import Wasserstein


def train(fit, game, data, folder, steps=1):
    callback = Scatter(str(folder), every=1, n=50)
    trainer = fit(game, steps, data=data, callbacks=[callback])
    return callback, trainer


def test_a_picture_is_square_and_rgb(small_game, points, fit, tmp_path):
    train(fit, small_game(), points(), tmp_path)
    with Image.open(tmp_path / "samples" / "00000001.png") as picture:
        assert (picture.size, picture.mode) == ((600, 600), "RGB")


def test_limits_are_the_real_datas_extent_and_a_margin_of_30_percent(small_game, points, fit, tmp_path):
    data = points()
    callback, _ = train(fit, small_game(), data, tmp_path)
    real = data.held_out(2000, 1).numpy()
    half = 1.3 * (real.max(0) - real.min(0)).max() / 2
    for axis, (low, high) in enumerate(callback._plot.limits):
        middle = (real[:, axis].min() + real[:, axis].max()) / 2
        assert (low, high) == pytest.approx((middle - half, middle + half), abs=1e-6)


def test_the_field_is_the_score_of_places_in_the_networks_units(small_game, points, fit, tmp_path):
    game, data = small_game(), points()
    callback, _ = train(fit, game, data, tmp_path)
    field = np.asarray(callback._plot.field.get_array())
    assert field.shape == (100, 100)
    (left, right), (bottom, top) = callback._plot.limits
    corners = torch.tensor([[left, bottom], [right, bottom], [left, top], [right, top]])
    with torch.no_grad():
        expected = torch.sigmoid(game.discriminator(corners / data.distribution.rms))
    np.testing.assert_allclose(field[[0, 0, -1, -1], [0, -1, 0, -1]], expected.numpy(), rtol=1e-5)


def test_generated_points_are_shown_in_the_datas_units(small_game, points, fit, tmp_path):
    game, data = small_game(), points()
    callback, _ = train(fit, game, data, tmp_path)
    samples = game.sample(callback._latents, "ema") * data.distribution.rms
    np.testing.assert_allclose(callback._plot.fake.get_xydata(), samples.numpy(), rtol=1e-6)


def test_the_scale_of_a_probability_is_fixed(small_game, points, fit, tmp_path):
    callback, _ = train(fit, small_game(), points(), tmp_path)
    assert callback._plot.field.get_clim() == (0, 1)


@pytest.mark.filterwarnings("ignore:nothing bounds this Wasserstein critic")
def test_the_scale_of_a_critic_is_symmetric_about_the_fields_median(small_game, points, fit, tmp_path):
    callback, _ = train(fit, small_game(loss=Wasserstein()), points(), tmp_path)
    field = np.asarray(callback._plot.field.get_array())
    low, high = callback._plot.field.get_clim()
    assert (low + high) / 2 == pytest.approx(np.median(field), abs=1e-5)
    assert ((field >= low) & (field <= high)).mean() == pytest.approx(0.9, abs=0.001)


def test_a_flat_critic_is_drawn_white():
    plot = scatter._Plot(np.array([[-1.0, -1.0], [1.0, 1.0]]), probability=False)
    picture = np.asarray(plot.draw(np.zeros((0, 2)), np.full(10000, 3.0), iteration=0))
    assert picture[300, 200].min() >= 254


def test_real_places_are_blue_and_fake_ones_sand():
    plot = scatter._Plot(np.array([[-1.0, -1.0], [1.0, 1.0]]), probability=True)
    left_is_real = (plot.places()[:, 0] < 0).double().numpy()
    picture = np.asarray(plot.draw(np.zeros((0, 2)), left_is_real, iteration=0)).astype(int)
    red, _, blue = picture[300, 150]
    assert blue > red
    red, _, blue = picture[300, 450]
    assert red > blue


def test_the_real_points_are_the_same_in_every_picture_and_the_figure_is_not_global(small_game, points, fit, tmp_path):
    train(fit, small_game(), points(), tmp_path / "a")
    train(fit, small_game(), points(), tmp_path / "b")
    for name in ("00000000.png", "00000001.png"):
        a, b = (np.asarray(Image.open(tmp_path / run / "samples" / name)) for run in "ab")
        np.testing.assert_array_equal(a, b)
    assert "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()


def test_images_are_refused_with_the_override_that_shows_them(image_game, images, fit, tmp_path):
    with pytest.raises(UsageError, match="samples=grid"):
        fit(image_game((1, 8, 8)), 1, data=images((1, 8, 8)), callbacks=[Scatter(str(tmp_path), every=1, n=4)])
