"""Rows of images with words: where the pixels are, and that no word is cut."""

import numpy as np
import torch

from gan_lightning.drawing.sheets import labelled_rows

LINE = 26


def test_the_images_are_where_they_are_without_words() -> None:
    rows = torch.randint(0, 256, (2, 3, 3, 8, 8), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    bare = np.asarray(labelled_rows(rows))
    assert bare.shape == (22 * 16, 32 * 16, 3)
    worded = np.asarray(labelled_rows(rows, ["1: 50%", "2: 25%"], ["-1", "0", "1"], "title"))
    np.testing.assert_array_equal(worded[2 * LINE :, -512:], bare)
    middle = bare[8::16, 8::16]
    np.testing.assert_array_equal(middle[12:20, 22:30], rows[1, 2].permute(1, 2, 0).numpy())


def test_no_word_is_cut_or_touches_the_images() -> None:
    rows = torch.full((2, 40, 1, 8, 8), 255, dtype=torch.uint8)
    beside, above = ["10: 100.0%", "8" * 12], [f"{place / 10:+g} σ" for place in range(40)]
    picture = np.asarray(labelled_rows(rows, beside, above, "A title that says of what the rows and columns are"))
    assert (picture[:, [0, 1, -2, -1]] == 255).all() and (picture[[0, 1, -2, -1]] == 255).all()
    left = picture.shape[1] - (40 * 10 + 2) * 2
    inked = (picture[2 * LINE :, :left] < 250).any((0, 2)).nonzero()[0]
    assert len(inked) and inked[-1] < left
    heads = (picture[LINE : 2 * LINE] < 250).any((0, 2))
    gaps = np.diff(heads.nonzero()[0])
    assert (gaps > 12).sum() >= 5  # words that don't fit beside each other are left out


def test_a_long_title_widens_the_picture() -> None:
    rows = torch.zeros((1, 1, 1, 512, 512), dtype=torch.uint8)
    assert labelled_rows(rows, title="8" * 100).width > 700
