"""Whether a checkpoint belongs to the game that wants to go on from it.

A game is its variant, loss, penalties, networks, optimizers, n_critic, data and seed: with another one the run would be
no continuation, and is refused. Rates and whatever else optimizers take, weights of penalties, the length and what
watches may change in silence, and are the run's own from there on; the batch size and the size of the training set too,
with a warning, for the order of the samples is no longer the run's.
"""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from lightning import Trainer
from torch import Tensor

from gan_lightning.errors import UsageError, UsageWarning
from gan_lightning.runs.checkpoint import GAME, RANKS

MEND = "resume with the config of the run that wrote it (config.yaml in its folder)"
_ORDER = "samples in another order"
LOOSE = {
    **{"batch_size": _ORDER, "samples": _ORDER},
    "processes": f"other noise and, unless data.batch_size makes up for it, {_ORDER}",
}
"""What may differ, and what the run then goes on with."""


def describe(module: Any, data: Any, processes: int) -> dict[str, Any]:
    """What a checkpoint says of its game: plain strings and numbers, in the order in which differences are told."""
    weight = [torch.zeros(1, requires_grad=True)]
    optimizers = {player: type(make(weight)).__name__ for player, make in module.optimizer_factories.items()}
    game = {
        "model": type(module).__name__,
        "loss": module.objective,
        "penalties": ", ".join(type(penalty).__name__ for penalty in module.penalties.values()) or "none",
        "n_critic": module.n_critic,
        "optimizers": ", ".join(optimizers[player] for player in sorted(optimizers)),
        "seed": module.seed,
    }
    return game | module.networks | data.describe() | {"processes": processes}


def check_game(module: Any, data: Any, processes: int, checkpoint: Mapping[str, Any]) -> None:
    """Compare a checkpoint with what wants to go on from it; warns where samples or noise change.

    Raises:
        UsageError: it is of another game, or of other networks; names the difference.
    """
    wrote, now = checkpoint[GAME], describe(module, data, processes)
    for fact, value in now.items():
        older = fact in module.networks and fact not in wrote  # than the fact
        if fact not in LOOSE and not older and wrote.get(fact) != value:
            raise UsageError(f"the checkpoint's {fact} is {wrote.get(fact)}, this run's {value}: {MEND}")
    _check_kept(module, checkpoint)
    own, stored = module.state_dict(), checkpoint["state_dict"]
    for name in sorted(own.keys() | stored.keys()):
        if name not in own or name not in stored or own[name].shape != stored[name].shape:
            raise UsageError(f"the checkpoint's networks differ from this run's at {name}: {MEND}")
    for fact, change in LOOSE.items():
        if fact in now and wrote.get(fact, now[fact]) != now[fact]:  # an older checkpoint lacks processes
            warnings.warn(
                f"the checkpoint's {fact} is {wrote.get(fact)}, this run's {now[fact]}: "
                f"the run goes on with {change} than it would have had",
                UsageWarning,
                stacklevel=2,
            )


def _check_kept(module: Any, checkpoint: Mapping[str, Any]) -> None:
    """Optimizers take their run's own settings; some need what others have not kept, as a momentum."""
    for stored, player in zip(checkpoint["optimizer_states"], module.parameters_of, strict=True):
        weight = torch.zeros(1, requires_grad=True)
        weight.grad = torch.zeros(1)
        optimizer = module.optimizer_factories[player]([weight])
        optimizer.step()
        missing = [
            name for name in optimizer.state[weight] if any(name not in kept for kept in stored["state"].values())
        ]
        if missing:
            told = f"needs {missing[0]}, which the checkpoint's has not kept"
            raise UsageError(f"with these settings optimizer.{player} {told}: {MEND}")


def select(state: Mapping[str, Tensor], beginnings: tuple[str, ...]) -> dict[str, Tensor]:
    """The entries whose names begin so."""
    return {name: value for name, value in state.items() if beginnings and name.startswith(beginnings)}


def part_of(checkpoint: Mapping[str, Any], rank: int, ranks: int) -> Mapping[str, Tensor]:
    """What this one of so many processes had for itself; nothing where the checkpoint is of another number of them."""
    parts: Sequence[Mapping[str, Tensor]] = checkpoint.get(RANKS, ())
    return parts[rank] if len(parts) == ranks else {}


def is_trained(trainer: Trainer, epoch: int, done: int, cut_short: bool) -> bool:
    """Whether no iteration is left to a run that goes on from a checkpoint.

    Args:
        trainer: the run's.
        epoch: its length in iterations.
        done: iterations that the checkpoint has seen.
        cut_short: whether what follows training may be missing, and is then all that is left.

    Raises:
        UsageError: nothing is left at all, or the checkpoint has seen more iterations than the run is to have.
    """
    limits = {"max_steps": trainer.max_steps, "max_epochs": (trainer.max_epochs or -1) * epoch}
    reached = {knob: length for knob, length in limits.items() if 0 <= length <= done}
    for knob, length in reached.items():
        if length < done or not cut_short:
            raise UsageError(f"there is nothing left to do: the checkpoint has {done} iterations; raise trainer.{knob}")
    return bool(reached)
