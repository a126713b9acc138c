"""Curves from a log with gaps: what is read, how it is arranged, that it is drawn."""

import numpy as np
import pytest
from PIL import Image

from gan_lightning.callbacks.curves import Curve, Curves, _trend, arrange, read_curves
from gan_lightning.errors import UsageError
from gan_lightning.loggers import RunCSVLogger

GAPS = [
    {"epoch": 0, "step": 9, "loss/generator": 0.5, "loss/discriminator": 1.0},
    {"epoch": 0, "step": 10, "ema/kl": 0.25, "raw/kl": 0.5},
    {"epoch": 0, "step": 19, "loss/generator": 0.75, "loss/discriminator": 1.25, "surprise/one": 3.0, "lonely": 4},
    {"epoch": 0, "step": 20, "ema/kl": 0.125, "raw/kl": float("nan")},
]


def test_a_column_is_read_without_its_gaps(write_log):
    curves = read_curves(write_log(GAPS))
    assert set(curves) == {"loss/generator", "loss/discriminator", "ema/kl", "raw/kl", "surprise/one", "lonely"}
    np.testing.assert_array_equal(curves["loss/generator"].steps, [9, 19])
    np.testing.assert_array_equal(curves["loss/generator"].values, [0.5, 0.75])
    np.testing.assert_array_equal(curves["ema/kl"].values, [0.25, 0.125])


def test_values_that_are_not_finite_are_left_out(write_log):
    assert read_curves(write_log(GAPS))["raw/kl"].steps.tolist() == [10]


def test_of_two_rows_of_one_step_the_later_counts_and_steps_ascend(write_log):
    rows = [{"step": step, "slope": value} for step, value in [(1, 1), (2, 2), (3, 3), (2, 5), (3, 6)]]
    curve = read_curves(write_log(rows))["slope"]
    assert curve.steps.tolist() == [1, 2, 3]
    assert curve.values.tolist() == [1, 5, 6]


def test_panels_hold_what_belongs_together_in_reading_order():
    columns = [
        *("learning_rate/generator", "learning_rate/discriminator", "raw/reverse_kl", "ema/reverse_kl", "ema/modes"),
        *("raw/modes", "gradient_norm/generator", "gradient_norm/discriminator", "penalty/r1", "penalty/gradient"),
        *("surprise/b", "surprise/a", "lonely", "score/fake_after", "score/fake_before", "score/real"),
        *("loss/generator", "loss/discriminator", "wasserstein"),
    ]
    panels = arrange(dict.fromkeys(columns, Curve(np.arange(2), np.arange(2.0))))
    assert [(title, list(lines)) for title, lines in panels.items()] == [
        ("loss", ["discriminator", "generator"]),
        ("score", ["real", "fake before", "fake after"]),
        ("wasserstein", [""]),
        ("gradient penalty", ["gradient"]),
        ("r1 penalty", ["r1"]),
        ("gradient norm", ["discriminator", "generator"]),
        ("modes", ["ema", "raw"]),
        ("reverse kl", ["ema", "raw"]),
        ("lonely", [""]),
        ("surprise", ["a", "b"]),
        ("learning rate", ["discriminator", "generator"]),
    ]


def test_a_log_with_gaps_and_unknown_columns_is_drawn(small_game, fit, write_log, tmp_path):
    write_log(GAPS)
    fit(small_game(), 1, callbacks=[Curves(str(tmp_path), every=100)])
    with Image.open(tmp_path / "curves.png") as picture:
        assert picture.size == (1000, 430)  # 4 panels in 2 rows


def test_a_run_is_drawn_at_intervals_and_at_the_end_with_all_that_it_logged(small_game, fit, tmp_path):
    drawn = []
    curves = Curves(str(tmp_path), every=2)
    draw = curves._draw
    curves._draw = lambda trainer: drawn.append(trainer.global_step) or draw(trainer)
    fit(small_game(), 5, callbacks=[curves], loggers=[RunCSVLogger(str(tmp_path))])
    assert drawn == [2, 4, 5]
    assert (tmp_path / "curves.png").exists()
    lines = curves._page.panels["loss"].lines
    assert lines["generator"].get_xdata().tolist() == [1, 2, 3, 4, 5]


def test_a_panel_that_turns_up_later_gets_its_place(write_log, tmp_path):
    curves = Curves(str(tmp_path), every=1)
    for rows in (GAPS[:1], GAPS):
        write_log(rows)
        curves._draw(FirstProcess())
    assert list(curves._page.panels) == ["loss", "kl", "lonely", "surprise"]


def test_curves_that_find_no_room_leave_the_old_ones(write_log, tmp_path, monkeypatch):
    curves = Curves(str(tmp_path), every=1)
    write_log(GAPS)
    curves._draw(FirstProcess())
    before = (tmp_path / "curves.png").read_bytes()

    def fill(file, **settings):
        file.write_bytes(b"PNG")
        raise OSError("no space left")

    monkeypatch.setattr(curves._page.canvas, "print_png", fill)
    with pytest.raises(OSError, match="no space"):
        curves._draw(FirstProcess())
    assert (tmp_path / "curves.png").read_bytes() == before and not list(tmp_path.glob(".*"))


class FirstProcess:
    """What of a trainer a drawing asks for."""

    is_global_zero = True
    loggers = ()


def test_without_a_log_nothing_is_drawn(small_game, fit, tmp_path):
    fit(small_game(), 2, callbacks=[Curves(str(tmp_path), every=1)])
    assert not (tmp_path / "curves.png").exists()


def test_what_falls_thirtyfold_gets_a_logarithmic_axis_and_the_rest_a_linear_one(write_log, tmp_path):
    rows = [{"step": i, "ema/kl": 10.0**-i, "ema/share": 1 - 10.0**-i, "learning_rate/x": 10.0**-i} for i in range(5)]
    write_log(rows)
    curves = Curves(str(tmp_path), every=1)
    curves._draw(FirstProcess())
    scales = {title: panel.axes.get_yscale() for title, panel in curves._page.panels.items()}
    assert scales == {"kl": "log", "share": "linear", "learning rate": "linear"}


def test_a_short_or_smooth_curve_is_its_own_trend():
    noise = np.random.default_rng(0).normal(size=39)
    assert _trend(noise) is noise
    line = np.linspace(0, 1, 400)
    assert _trend(line) is line


def test_the_trend_of_a_long_noisy_curve_is_a_centred_mean_that_shrinks_at_the_ends():
    values = np.tile([0.0, 1.0], 60)  # 120 points: windows of 2 * 3 + 1
    trend = _trend(values)
    assert trend[0] == 0 and trend[-1] == 1
    assert trend[1] == pytest.approx((0 + 1 + 0) / 3)
    assert trend[50] == pytest.approx(values[47:54].mean())


def test_an_interval_below_1_is_refused():
    with pytest.raises(UsageError, match="callbacks.curves.every is 0"):
        Curves("run", 0)


def test_a_figure_that_was_measured_once_and_the_share_of_a_class_have_no_panel(write_log, tmp_path):
    figures = {"ema/fd1k": 3.0, "raw/fd1k": 4.0, "ema/label_share_7": 0.1}
    rows = [{"step": step, "loss/generator": 1.0, **figures} for step in (1, 2)]
    write_log([*rows, {"step": 2, "ema/fd10k": 2.9}])
    assert list(arrange(read_curves(tmp_path / "metrics.csv"))) == ["loss", "fd1k"]
