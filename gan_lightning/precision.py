"""Full precision where a game is played in lower."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch

_AS_IT_IS: AbstractContextManager[Any] = nullcontext()


def is_lower(device: torch.device) -> bool:
    """Whether what is computed on `device` now is in lower precision."""
    return torch.is_autocast_enabled(device.type)


def full_precision(device: torch.device) -> AbstractContextManager[Any]:
    """What is computed inside keeps its precision: losses, penalties and their second derivatives.

    Where nothing is lowered nothing is entered, for autocast asks a dozen questions on its way in and out.
    """
    return torch.autocast(device.type, enabled=False) if is_lower(device) else _AS_IT_IS
