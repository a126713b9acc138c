"""GIFs."""

from pathlib import Path

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
