"""Which matrices and offsets make a density."""

import pytest

from gan_lightning.data.affine import check_density, check_sizes
from gan_lightning.data.linear_gaussian import LinearGaussian
from gan_lightning.errors import UsageError

WRONG = [
    ([[1.0, 2.0], [-0.1, 0.5]], [1.0], "data.offset has 1 entries and data.matrix 2 columns: "),
    ([[1.0]], [1.0, 2.0], "data.offset has 2 entries and data.matrix 1 columns: "),
    ([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [1.0, 2.0], "data.matrix must be square, and has 2 rows of 3, 3 entries: "),
    ([[1.0, 2.0], [3.0]], [1.0, 2.0], "data.matrix must be square, and has 2 rows of 2, 1 entries: "),
    ([[1.0, 2.0], [2.0, 4.0]], [1.0, 2.0], "data.matrix is singular, its points would not fill 2 dimensions: "),
    ([[0.0]], [0.0], "data.matrix is singular, its points would not fill 1 dimensions: "),
]


@pytest.mark.parametrize(("matrix", "offset", "start"), WRONG)
def test_what_has_no_density_is_refused_with_what_does_not_fit(
    matrix: list[list[float]], offset: list[float], start: str
):
    with pytest.raises(UsageError) as raised:
        check_density(matrix, offset)
    assert str(raised.value).startswith(start)
    if "singular" not in start:
        with pytest.raises(UsageError, match=f"^{start}"):
            LinearGaussian(matrix, offset, 8, batch_size=4, minibatches=1, seed=0)


@pytest.mark.parametrize(("matrix", "offset"), [([[1.0, 2.0], [-0.1, 0.5]], [1.0, 2.0]), ([[1e-3]], [0.0])])
def test_an_invertible_matrix_with_an_offset_of_its_size_passes(matrix: list[list[float]], offset: list[float]):
    check_density(matrix, offset)


def test_without_a_density_there_are_still_samples_and_moments():
    singular = [[1.0, 1.0], [0.0, 0.0]]
    check_sizes(singular, [1.0, 0.0])
    data = LinearGaussian(singular, [1.0, 0.0], 8, batch_size=4, minibatches=1, seed=0)
    assert data.load().values.shape == (8, 2)
