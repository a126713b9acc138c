"""Distances between features, a block of rows at a time."""

from collections.abc import Iterator

import torch
from torch import Tensor

_ENTRIES = 10_000_000  # distances in memory at once: 80 MB


def rows_at_once(columns: int) -> int:
    """How many rows of a distance matrix with so many columns are held in memory."""
    return max(1, _ENTRIES // columns)


def distances(left: Tensor, right: Tensor) -> Iterator[Tensor]:
    """Euclidean distances (rows, m) of features (n, D) from features (m, D), float64, block by block of rows."""
    right = right.double()
    for block in left.double().split(rows_at_once(len(right))):
        yield torch.cdist(block, right)


def kth_neighbour(features: Tensor, k: int) -> Tensor:
    """Distance (n,) of each of the features (n, D) from its k-th neighbour among the others; NaN if there are fewer."""
    if len(features) <= k:
        return torch.full((len(features),), float("nan"), dtype=torch.float64)
    return torch.cat([block.kthvalue(k + 1, dim=1).values for block in distances(features, features)])  # itself is one


def nearest(left: Tensor, right: Tensor, k: int = 1) -> tuple[Tensor, Tensor]:
    """Distance (n,) and index (n,) of the k-th nearest of the features (m, D) to each of the features (n, D).

    Found in single precision, which may take two that are alike for each other; the distance is then exact.
    """
    lengths = right.square().sum(1)
    blocks = left.split(rows_at_once(len(right)))
    index = torch.cat([(lengths - 2 * block @ right.T).topk(k, largest=False).indices[:, -1] for block in blocks])
    return (left.double() - right[index].double()).norm(dim=1), index
