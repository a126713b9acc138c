"""The film of a run: its frames, their order, their size, and how long they stay."""

import pytest
from PIL import Image, ImageSequence

from gan_lightning.callbacks.animation import Animation
from gan_lightning.callbacks.scatter import Scatter
from gan_lightning.errors import UsageError, UsageWarning


def write_pictures(folder, count, size=(40, 20)):
    (folder / "samples").mkdir()
    for i in range(count):
        Image.new("RGB", size, (10 * i, 0, 0)).save(folder / "samples" / f"{i:08d}.png")


def film(folder, fit, game, **settings):
    """The film's frames, RGB, and what the file says of each."""
    arguments = {"milliseconds": 100, "max_frames": 100, "max_side": 480} | settings
    fit(game, 1, callbacks=[Animation(str(folder), **arguments)])
    with Image.open(folder / "training.gif") as gif:
        return [(frame.convert("RGB"), dict(frame.info)) for frame in ImageSequence.Iterator(gif)]


def reds(frames):
    return [picture.getpixel((0, 0))[0] for picture, _ in frames]


def test_frames_are_all_pictures_in_order_and_the_last_stays(small_game, fit, tmp_path):
    write_pictures(tmp_path, 4)
    frames = film(tmp_path, fit, small_game())
    assert reds(frames) == [0, 10, 20, 30]
    assert [info["duration"] for _, info in frames] == [100, 100, 100, 2000]
    assert frames[0][1]["loop"] == 0


def test_at_most_max_frames_evenly_chosen_with_both_ends(small_game, fit, tmp_path):
    write_pictures(tmp_path, 9)
    assert reds(film(tmp_path, fit, small_game(), max_frames=3)) == [0, 40, 80]


@pytest.mark.parametrize("max_side, size", [(480, (40, 20)), (20, (20, 10))])
def test_larger_pictures_are_reduced_and_smaller_ones_left(small_game, fit, tmp_path, max_side, size):
    write_pictures(tmp_path, 2)
    assert [picture.size for picture, _ in film(tmp_path, fit, small_game(), max_side=max_side)] == [size] * 2


def test_frames_have_the_size_of_the_last_picture(small_game, fit, tmp_path):
    write_pictures(tmp_path, 3)
    Image.new("RGB", (10, 10), (0, 9, 0)).save(tmp_path / "samples" / "00000000.png")
    assert [picture.size for picture, _ in film(tmp_path, fit, small_game())] == [(40, 20)] * 3


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_pictures_make_no_film(small_game, fit, tmp_path, count):
    write_pictures(tmp_path, count)
    fit(small_game(), 1, callbacks=[Animation(str(tmp_path), 100, 100, 480)])
    assert not (tmp_path / "training.gif").exists()


def test_the_last_picture_of_a_run_is_in_it_whatever_the_order_of_callbacks(small_game, fit, tmp_path):
    callbacks = [Animation(str(tmp_path), 100, 100, 480), Scatter(str(tmp_path), every=2, n=10)]
    fit(small_game(), 5, callbacks=callbacks)
    with Image.open(tmp_path / "training.gif") as gif:
        assert gif.n_frames == 4  # 0, 2, 4 and 5


def test_one_frame_is_refused():
    with pytest.raises(UsageError, match="callbacks.animation.max_frames is 1"):
        Animation("run", 100, 1, 480)


@pytest.mark.parametrize("torn", [b"", b"no picture", None])
def test_a_picture_that_is_not_whole_is_left_out_with_one_line(small_game, fit, tmp_path, torn):
    write_pictures(tmp_path, 4)
    for number in (1, 3):
        file = tmp_path / "samples" / f"{number:08d}.png"
        file.write_bytes(file.read_bytes()[:60] if torn is None else torn)
    with pytest.warns(UsageWarning, match="left out of the film") as told:
        assert reds(film(tmp_path, fit, small_game())) == [0, 20]
    (message,) = [str(warning.message) for warning in told if warning.category is UsageWarning]
    assert "(2): 00000001.png, 00000003.png" in message


def test_a_film_that_cannot_be_written_leaves_the_old_one(small_game, fit, tmp_path, monkeypatch):
    write_pictures(tmp_path, 4)
    film(tmp_path, fit, small_game())
    before = (tmp_path / "training.gif").read_bytes()

    def fill(pictures, path, *settings):
        path.write_bytes(b"GIF89a")
        raise OSError("no space left")

    monkeypatch.setattr("gan_lightning.callbacks.animation.write_film", fill)
    with pytest.raises(OSError, match="no space"):
        film(tmp_path, fit, small_game())
    assert (tmp_path / "training.gif").read_bytes() == before
    assert not list(tmp_path.glob(".*"))
