"""Batches of two domains, each in an order of its own."""

from collections.abc import Iterator
from typing import Any, final

from gan_lightning.data.loader import Batch, MemoryLoader


@final
class UnpairedLoader:
    """The k-th batch has the target's and the source's k-th, whatever the sizes of the two sets.

    An epoch is the shorter domain's. The longer one is not cut there: it goes on where it was, so that all of it is
    seen, in an order that is a function of (seed, its own epoch). Both resume at any batch.

    Args:
        target: the domain that is translated into, with its labels.
        source: the domain that is translated.
    """

    def __init__(self, target: MemoryLoader, source: MemoryLoader) -> None:
        self.target, self.source = target, source

    def __len__(self) -> int:
        return min(len(self.target), len(self.source))

    def __iter__(self) -> Iterator[Batch]:
        shorter, longer = sorted((self.target, self.source), key=len)
        others = _endless(longer)
        for batch in shorter:
            target, source = (batch, next(others)) if shorter is self.target else (next(others), batch)
            yield Batch(target.real, target.labels, source.real)

    def state_dict(self) -> dict[str, Any]:
        """Where both stand: plain integers."""
        return {"target": self.target.state_dict(), "source": self.source.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue with the batch after the one that was in use when `state` was taken."""
        self.target.load_state_dict(state["target"])
        self.source.load_state_dict(state["source"])


def _endless(loader: MemoryLoader) -> Iterator[Batch]:
    while True:
        yield from loader
