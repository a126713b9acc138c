"""What the guard reads of each iteration: every term of either player's objective, and whether gradients are finite.

Entries stay on the device as they were computed; nothing is waited for until somebody asks for the verdict.
"""

import math
from collections.abc import Mapping
from typing import NamedTuple, TypeAlias, final

import torch
from torch import Tensor

from gan_lightning.data.loader import Batch

DATA = "data"
"""Stands where a player would, for what neither of them made."""
_GRADIENT = "gradient/"
_MOST = 20_000  # entries, about 10 MB


class Fault(NamedTuple):
    """The first number that isn't as it must be."""

    iteration: int
    what: str
    """Which number, and what it is."""
    player: str
    """Whose rate to lower, or `DATA`."""
    place: float = math.inf
    """How many entries came before it, which puts those of several processes in order; inf where it is of none."""


_Entry: TypeAlias = tuple[int, str, str, Tensor]
"""Iteration, player, name and value; a plain tuple, for several are made in each iteration."""


@final
class Ledger:
    """Scalars of the iterations since it was last cleared, in the order in which they were computed."""

    def __init__(self) -> None:
        self.iteration = 0
        self._entries: list[_Entry] = []
        self._terms: list[Tensor] = []  # what is not finite is at fault
        self._flags: list[Tensor] = []  # what is not 0 is at fault
        self._inverse_scale: Tensor | None = None

    @property
    def full(self) -> bool:
        """Whether it is time to read and to clear it."""
        return len(self._entries) > _MOST

    def begin(self, iteration: int, batch: Batch) -> None:
        """Everything from here on belongs to `iteration`, which trains on `batch`."""
        self.iteration = iteration
        self._enter(DATA, "real samples", batch.real.sum())
        if batch.source is not None:
            self._enter(DATA, "source samples", batch.source.sum())

    def enter(self, player: str, terms: Mapping[str, Tensor]) -> None:
        """Scalars of a player's objective, by their names in the log."""
        for name, value in terms.items():
            self._enter(player, name, value.detach())

    def check(self, player: str, gradients: list[Tensor]) -> None:
        """A player's gradients, of which it is only kept whether all are finite; they stay as they are."""
        if not gradients:
            return
        found = torch.zeros((), dtype=torch.float32, device=gradients[0].device)  # of gradients in double precision too
        if self._inverse_scale is None or self._inverse_scale.device != found.device:
            self._inverse_scale = torch.ones_like(found)
        # one kernel for all of them, without waiting for it: what mixed precision's scaler looks for infinities with
        torch._amp_foreach_non_finite_check_and_unscale_(gradients, found, self._inverse_scale)
        self._entries.append((self.iteration, player, f"{_GRADIENT}{player}", found))
        self._flags.append(found)

    def verdict(self) -> Tensor | None:
        """A scalar, 0 as long as nothing is at fault; None where nothing was entered."""
        kinds = [torch.stack(self._terms) * 0] if self._terms else []
        if self._flags:
            kinds.append(torch.stack(self._flags))
        return torch.cat(kinds).sum() if kinds else None

    def first(self) -> Fault | None:
        """The first entry that is at fault; None if none is."""
        for place, (iteration, player, name, entry) in enumerate(self._entries):
            value = float(entry)
            if name.startswith(_GRADIENT) and value != 0:
                return Fault(iteration, f"{name} is not finite", player, place)
            if not math.isfinite(value):
                told = "are" if player == DATA else "is"
                return Fault(iteration, f"{name} {told} not finite ({value})", player, place)
        return None

    def clear(self) -> None:
        """Forget all entries."""
        self._entries.clear()
        self._terms.clear()
        self._flags.clear()

    def _enter(self, player: str, name: str, value: Tensor) -> None:
        self._entries.append((self.iteration, player, name, value))
        self._terms.append(value)
