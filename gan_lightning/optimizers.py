"""torch's optimizers that can play a game, and the settings of each; imports no torch.

LBFGS asks for the loss again within a step, SparseAdam for sparse gradients, Muon for matrices alone: they can't.
"""

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from gan_lightning.errors import UsageError

PLACE = "torch.optim."
_ANY = ("lr", "weight_decay", "foreach", "maximize")
_ADAM = (*_ANY, "betas", "eps", "capturable", "differentiable")
SETTINGS: dict[str, tuple[str, ...]] = {
    "ASGD": (*_ANY, "lambd", "alpha", "t0", "capturable", "differentiable"),
    "Adadelta": (*_ANY, "rho", "eps", "capturable", "differentiable"),
    "Adafactor": (*_ANY, "beta2_decay", "eps", "d"),
    "Adagrad": (*_ANY, "lr_decay", "initial_accumulator_value", "eps", "differentiable", "fused"),
    "Adam": (*_ADAM, "amsgrad", "fused", "decoupled_weight_decay"),
    "AdamW": (*_ADAM, "amsgrad", "fused"),
    "Adamax": _ADAM,
    "NAdam": (*_ADAM, "momentum_decay", "decoupled_weight_decay"),
    "RAdam": (*_ADAM, "decoupled_weight_decay"),
    "RMSprop": (*_ANY, "alpha", "eps", "momentum", "centered", "capturable", "differentiable"),
    "Rprop": ("lr", "etas", "step_sizes", "foreach", "maximize", "capturable", "differentiable"),
    "SGD": (*_ANY, "momentum", "dampening", "nesterov", "differentiable", "fused"),
}
"""What each takes, by its name in `PLACE`."""
_OF_NODES = ("_target_", "_partial_")


def names_of(target: str) -> frozenset[str] | None:
    """The names in a node of one of torch's optimizers; None for another target."""
    if not target.startswith(PLACE) or target.removeprefix(PLACE) not in SETTINGS:
        return None
    return frozenset((*SETTINGS[target.removeprefix(PLACE)], *_OF_NODES))


def check_optimizer(path: str, node: Mapping[Any, Any]) -> None:
    """Check what a node at `path` describes, if it is torch's. Raises UsageError."""
    target = str(node["_target_"])
    names = names_of(target)
    if names is None and target.startswith(PLACE):
        known = ", ".join(f"{PLACE}{name}" for name in SETTINGS)
        raise UsageError(f"{path}._target_={target} can't train a player: choose one of {known}")
    for name in sorted(str(name) for name in node if names is not None and name not in names):
        close = get_close_matches(name, names or (), n=1)
        guess = f", did you mean {path}.{close[0]}?" if close else ": remove it with ~"
        raise UsageError(f"{path}.{name}: {target} takes no such setting{guess}")


def try_optimizers(
    factories: Mapping[str, Callable[..., Any]],
    parameters: Mapping[str, Sequence[Any]],
    mistakes: tuple[type[Exception], ...],
) -> None:
    """Make each player's optimizer once and let it go: no game begins with settings that one does not take.

    Raises:
        UsageError: a factory raised one of the `mistakes`.
    """
    for player, make in factories.items():
        try:
            make(parameters[player])
        except mistakes as error:
            raise UsageError(f"optimizer.{player}: {error}") from error
