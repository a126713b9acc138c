"""Types and ranges of every knob, checked on the composed config before torch is imported.

A knob means the same wherever it stands, so the rules go by its name alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Protocol

from omegaconf import DictConfig, ListConfig, OmegaConf, open_dict

from gan_lightning.errors import UsageError
from gan_lightning.guards import check_config


class Rule(Protocol):
    """What a value must be: `accepts` tells, `str()` says it in words."""

    def accepts(self, value: Any) -> bool:
        """Whether the value is fine."""


@dataclass(frozen=True)
class Number:
    """A number between two bounds, of which `above` and `below` are themselves excluded."""

    above: float | None = None
    least: float | None = None
    below: float | None = None
    most: float | None = None

    def accepts(self, value: Any) -> bool:
        """Whether the value is a finite number in the range."""
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            return False
        return (
            abs(value) != float("inf")
            and (self.above is None or value > self.above)
            and (self.least is None or value >= self.least)
            and (self.below is None or value < self.below)
            and (self.most is None or value <= self.most)
        )

    def __str__(self) -> str:
        bounds = (("above", self.above), ("at least", self.least), ("below", self.below), ("at most", self.most))
        return " ".join(["a number", " and ".join(f"{word} {bound:g}" for word, bound in bounds if bound is not None)])


@dataclass(frozen=True)
class Integer:
    """A whole number from `least` to `most`."""

    least: int
    most: int = 2**63 - 1

    def accepts(self, value: Any) -> bool:
        """Whether the value is an int in the range."""
        return isinstance(value, int) and not isinstance(value, bool) and self.least <= value <= self.most

    def __str__(self) -> str:
        return f"a whole number, at least {self.least}" + (f" and at most {self.most}" if self.most < 2**63 - 1 else "")


@dataclass(frozen=True)
class Choice:
    """One of a few values."""

    options: tuple[Any, ...]

    def accepts(self, value: Any) -> bool:
        """Whether the value is one of them."""
        return any(value == option and type(value) is type(option) for option in self.options)

    def __str__(self) -> str:
        return "one of " + ", ".join(str(option).lower() for option in self.options)


@dataclass(frozen=True)
class Text:
    """Some text."""

    def accepts(self, value: Any) -> bool:
        """Whether the value is text that isn't empty."""
        return isinstance(value, str) and value != ""

    def __str__(self) -> str:
        return "text"


@dataclass(frozen=True)
class Betas:
    """Adam's two coefficients; torch refuses a mixture of whole numbers and fractions."""

    def accepts(self, value: Any) -> bool:
        """Whether the value is a list of two floats in [0, 1)."""
        return (
            isinstance(value, ListConfig | list)
            and len(value) == 2
            and all(isinstance(beta, float) and 0 <= beta < 1 for beta in value)
        )

    def __str__(self) -> str:
        return "a list of two numbers, at least 0 and below 1, each with a point, as in [0.0,0.9]"


@dataclass(frozen=True)
class Optional:
    """null, or what another rule accepts."""

    rule: Rule

    def accepts(self, value: Any) -> bool:
        """Whether the value is None or accepted."""
        return value is None or self.rule.accepts(value)

    def __str__(self) -> str:
        return f"{self.rule}, or null"


COUNT = Integer(1)
POSITIVE = Number(above=0)
AT_LEAST_ZERO = Number(least=0)
SHARE = Number(least=0, below=1)
FLAG = Choice((True, False))

RULES: dict[str, Rule] = {
    # the run
    "seed": Integer(0, 2**32 - 1),
    "every": COUNT,
    "threads": Optional(COUNT),
    "ckpt_path": Optional(Text()),
    "folder": Text(),
    # the game
    "n_critic": COUNT,
    "ema": SHARE,
    "max_grad_norm": Optional(POSITIVE),
    "clip": POSITIVE,
    # losses, penalties, optimizers, schedules
    "a": Number(),
    "b": Number(),
    "c": Number(),
    "weight": AT_LEAST_ZERO,
    "target": AT_LEAST_ZERO,
    "one_sided": FLAG,
    "noise": AT_LEAST_ZERO,
    "lr": POSITIVE,
    "betas": Betas(),
    "alpha": SHARE,
    "fused": FLAG,
    "start": SHARE,
    "final": Number(least=0, most=1),
    # networks
    "latent_dim": COUNT,
    "width": COUNT,
    "depth": COUNT,
    "norm": Choice(("batch", "instance", "layer", "group", "spectral", "none")),
    "activation": Choice(("relu", "leaky_relu", "elu", "tanh", "silu", "gelu")),
    # data
    "kind": Choice(("ring", "grid", "random", "swiss_roll")),
    "modes": Optional(COUNT),
    "radius": Optional(POSITIVE),
    "sigma": Optional(POSITIVE),
    "num_samples": COUNT,
    "batch_size": COUNT,
    "minibatches": COUNT,
    "root": Text(),
    "cache": Text(),
    "download": FLAG,
    "size": COUNT,
    "channels": Choice((1, 3)),
    "flip": FLAG,
    # callbacks, metrics, loggers
    "n": Integer(2),
    "interval_n": Optional(Integer(2)),
    "repeats": COUNT,
    "reference": Choice(("train", "test")),
    "subsets": COUNT,
    "splits": COUNT,
    "k": COUNT,
    "weights": Optional(Text()),
    "num_test": COUNT,
    "test_root": Optional(Text()),
    "keep": Optional(COUNT),
    "best": Optional(Text()),
    "best_mode": Choice(("min", "max")),
    **dict.fromkeys(("ring", "grid", "random", "swiss_roll"), COUNT),  # iterations of each kind
    "sigmas": POSITIVE,
    "refresh_rate": COUNT,
    "milliseconds": COUNT,
    "max_frames": Integer(2),
    "max_side": Integer(16),
    # the trainer
    "max_steps": Integer(-1),
    "max_epochs": Integer(-1),
    "log_every_n_steps": COUNT,
    "num_nodes": COUNT,
    "precision": Choice(("32-true", "64-true", "bf16-mixed")),
    "accelerator": Choice(("auto", "cpu", "gpu", "cuda", "mps")),
}
"""The rule of each knob, by name. A knob without one is checked by what it is passed to."""


TOP_LEVEL = {
    *(
        "seed",
        "folder",
        "every",
        "ckpt_path",
        "threads",
        "cache",
        "loss",
        "penalty",
        "network",
        "optimizer",
        "schedule",
    ),
    *("trainer", "callbacks", "metrics", "logger", "data", "iterations", "model", "hydra"),
}


PARTS = ("penalty", "metrics", "callbacks", "logger")
"""Groups whose keys each describe one object."""


NOT_TAKEN = {
    "torch.optim.RMSprop": "betas",
    "gan_lightning.networks.linear.Generator": "norm",
}
"""Knobs that presets tune for their own optimizer or network, and that these alternatives don't have."""


def drop_unchosen(config: DictConfig) -> None:
    """Remove what a preset tunes but the command line did not choose.

    A recipe may weigh a penalty that `penalty=[]` leaves out, Inception's settings stand there without a measure of it,
    and a model may set Adam's betas though `optimizer=rmsprop` is asked for.
    """
    with open_dict(config):
        for group in (config.penalty, config.metrics):
            for name in [name for name, node in group.items() if isinstance(node, DictConfig)]:
                if "_target_" not in group[name]:
                    del group[name]
        for player in (*config.optimizer.values(), *config.network.values()):
            player.pop(NOT_TAKEN.get(player["_target_"], ""), None)


def validate(config: DictConfig) -> None:
    """Refuse a composed config that can't run. Raises UsageError with the key, the value and what it must be."""
    for name in config:
        if name not in TOP_LEVEL:
            close = get_close_matches(str(name), TOP_LEVEL, n=1)
            raise UsageError(f"{name!s}: nothing reads this key{f', did you mean {close[0]}?' if close else ''}")
    for path, name, value in _leaves(config):
        if value == "???":
            raise UsageError(f"{path} has no default: add {path}=VALUE")
        rule = RULES.get(name)
        if rule is not None and not rule.accepts(value):
            raise UsageError(f"{path}={_shown(value)}: must be {rule}")
    for group in PARTS:
        for name, node in config[group].items():
            if not isinstance(node, DictConfig) or "_target_" not in node:
                raise UsageError(f"{group}.{name!s}={_shown(node)}: must be a node with a _target_; remove it with ~")
    if config.trainer.max_steps == -1 and config.trainer.max_epochs == -1:
        raise UsageError("this run would never end: set trainer.max_steps (iterations) or trainer.max_epochs")
    if config.trainer.devices != 1 and "strategy" not in config.trainer:
        raise UsageError(f"trainer.devices={config.trainer.devices} takes several processes: add trainer=ddp")
    if config.ckpt_path is not None and not Path(config.ckpt_path).is_file():
        raise UsageError(f"ckpt_path={config.ckpt_path}: there is no such file")
    check_config(config)


def _leaves(node: DictConfig, prefix: str = "") -> Iterator[tuple[str, str, Any]]:
    """Path, name and value of each knob; what refers to another key is checked there."""
    for key in node:
        name = str(key)
        if OmegaConf.is_interpolation(node, name) or (not prefix and name == "hydra"):
            continue
        value = "???" if OmegaConf.is_missing(node, name) else node[name]
        if isinstance(value, DictConfig):
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", name, value


def _shown(value: Any) -> str:
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
