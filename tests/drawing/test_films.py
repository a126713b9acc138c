"""GIFs."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan_lightning.drawing.films import write_film


def test_a_film_loops_holds_its_last_picture_and_is_reduced(tmp_path: Path) -> None:
    pictures = [Image.new("RGB", (80, 40), (level, 0, 0)) for level in (0, 100, 200)]
    write_film(pictures, tmp_path / "film.tmp", 50, 300, max_side=40)
    with Image.open(tmp_path / "film.tmp") as film:
        assert (film.format, film.size, film.n_frames, film.info["loop"]) == ("GIF", (40, 20), 3, 0)
        durations = []
        for number in range(3):
            film.seek(number)
            durations.append(film.info["duration"])
    assert durations == [50, 50, 300]


@pytest.mark.parametrize(("colours", "most"), [(1, 0.0), (200, 0.0), (256**2, 4.0)])
def test_a_frame_has_the_colours_of_its_picture_or_near_ones(colours: int, most: float, tmp_path: Path) -> None:
    number = np.arange(300 * 300).reshape(300, 300) % colours
    levels = np.stack([number % 256, number // 256, np.full_like(number, 128)], -1).astype(np.uint8)
    picture = Image.fromarray(levels)
    write_film([picture, picture], tmp_path / "film.gif", milliseconds=100, hold=100, max_side=300)
    with Image.open(tmp_path / "film.gif") as film:
        difference = np.abs(np.asarray(film.convert("RGB"), np.float64) - levels)
    assert difference.mean() <= most
