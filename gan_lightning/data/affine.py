"""What X = Z A + b must be, and what it must be to have a density; imports no torch."""

from collections.abc import Sequence

from gan_lightning.errors import UsageError


def check_sizes(matrix: Sequence[Sequence[float]], offset: Sequence[float]) -> None:
    """Raise UsageError unless A (D, D) is square, and b has an entry for each of its columns."""
    rows = len(matrix)
    if any(len(row) != rows for row in matrix):
        lengths = ", ".join(str(len(row)) for row in matrix)
        raise UsageError(f"data.matrix must be square, and has {rows} rows of {lengths} entries: mend its rows")
    if len(offset) != rows:
        raise UsageError(f"data.offset has {len(offset)} entries and data.matrix {rows} columns: give an entry to each")


def check_density(matrix: Sequence[Sequence[float]], offset: Sequence[float]) -> None:
    """Raise UsageError unless the sizes are right and A is invertible: else all samples lie in fewer dimensions."""
    import numpy as np  # here: it would cost every other command a tenth of a second

    check_sizes(matrix, offset)
    rows = len(matrix)
    if np.linalg.matrix_rank(np.array(matrix, dtype=np.float64)) < rows:
        raise UsageError(f"data.matrix is singular, its points would not fill {rows} dimensions: change an entry")
