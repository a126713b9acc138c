"""What X = Z A + b must be to have a density; imports no torch."""

from collections.abc import Sequence

from gan_lightning.errors import UsageError


def check_affine(matrix: Sequence[Sequence[float]], offset: Sequence[float]) -> None:
    """Check that A (D, D) is square and invertible, and that b has an entry for each of its columns.

    Raises:
        UsageError: with what doesn't fit.
    """
    import numpy as np  # here: it would cost every other command a tenth of a second

    rows = len(matrix)
    if any(len(row) != rows for row in matrix):
        lengths = ", ".join(str(len(row)) for row in matrix)
        raise UsageError(f"data.matrix must be square, and has {rows} rows of {lengths} entries: mend its rows")
    if len(offset) != rows:
        raise UsageError(f"data.offset has {len(offset)} entries and data.matrix {rows} columns: give an entry to each")
    if np.linalg.matrix_rank(np.array(matrix, dtype=np.float64)) < rows:
        raise UsageError(f"data.matrix is singular, its points would not fill {rows} dimensions: change an entry")
