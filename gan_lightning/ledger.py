"""What the guard reads of each iteration: every term of either player's objective, and whether gradients are finite.

Entries stay on the device as they were computed; nothing is waited for until somebody asks for the verdict.
"""

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple, final

import torch
from torch import Tensor
from torch.linalg import vector_norm

from gan_lightning.data.loader import Batch

DATA = "data"
"""Stands where a player would, for what neither of them made."""
_MOST = 20_000  # entries, about 10 MB


class Fault(NamedTuple):
    """The first number that isn't as it must be."""

    iteration: int
    what: str
    """Which number, and what it is."""
    player: str
    """Whose rate to lower, or `DATA`."""


class _Entry(NamedTuple):
    iteration: int
    player: str
    name: str
    value: Tensor


@final
class Ledger:
    """Scalars of the iterations since it was last cleared, in the order in which they were computed."""

    def __init__(self) -> None:
        self.iteration = 0
        self._terms: list[_Entry] = []  # in order, what is not finite is at fault
        self._flags: list[_Entry] = []  # in order, what is not 0 is at fault
        self._order: list[_Entry] = []
        self._inverse_scale: dict[torch.device, Tensor] = {}

    @property
    def full(self) -> bool:
        """Whether it is time to read and to clear it."""
        return len(self._order) > _MOST

    def begin(self, iteration: int, batch: Batch) -> None:
        """Everything from here on belongs to `iteration`, which trains on `batch`."""
        self.iteration = iteration
        for name, samples in (("real samples", batch.real), ("source samples", batch.source)):
            if samples is not None:
                self._enter(_Entry(iteration, DATA, name, vector_norm(samples, math.inf)), self._terms)

    def enter(self, player: str, terms: Mapping[str, Tensor]) -> None:
        """Scalars of a player's objective, by their names in the log."""
        for name, value in terms.items():
            self._enter(_Entry(self.iteration, player, name, value.detach()), self._terms)

    def check(self, player: str, gradients: Iterable[Tensor]) -> None:
        """A player's gradients, of which it is only kept whether all are finite; they stay as they are."""
        listed = list(gradients)
        if not listed:
            return
        device = listed[0].device
        found = torch.zeros((), device=device)
        if device not in self._inverse_scale:
            self._inverse_scale[device] = torch.ones((), device=device)
        # one kernel for all of them, without waiting for it: what mixed precision's scaler looks for infinities with
        torch._amp_foreach_non_finite_check_and_unscale_(listed, found, self._inverse_scale[device])
        self._enter(_Entry(self.iteration, player, f"gradient/{player}", found), self._flags)

    def verdict(self) -> Tensor | None:
        """A scalar, 0 as long as nothing is at fault; None where nothing was entered."""
        if not self._order:
            return None
        parts = [torch.stack([entry.value.float() for entry in self._terms]) * 0] if self._terms else []
        if self._flags:
            parts.append(torch.stack([entry.value for entry in self._flags]))
        return torch.cat(parts).sum()

    def first(self) -> Fault | None:
        """The first entry that is at fault; None if none is."""
        flags = set(map(id, self._flags))
        for entry in self._order:
            value = float(entry.value)
            if id(entry) in flags and value != 0:
                return Fault(entry.iteration, f"{entry.name} is not finite", entry.player)
            if not math.isfinite(value):
                told = "are" if entry.player == DATA else "is"
                return Fault(entry.iteration, f"{entry.name} {told} not finite ({value})", entry.player)
        return None

    def clear(self) -> None:
        """Forget all entries."""
        for entries in (self._terms, self._flags, self._order):
            entries.clear()

    def _enter(self, entry: _Entry, kind: list[_Entry]) -> None:
        kind.append(entry)
        self._order.append(entry)
