"""The figure that runs are compared by: found among what was measured, checked before anything runs."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from omegaconf import DictConfig

from gan_lightning.errors import UsageError
from gan_lightning.metrics.stems import FIRST_CHOICE, better, stems_of

_NAME = re.compile(r"(?P<stem>.+?)_?(?P<size>\d+k?)(?P<reference>_train|_test)?$")
_OF_CLASS = "label_share_"


class Objective(NamedTuple):
    """A figure's name, `ema/share2500`, and which way is better."""

    name: str
    mode: str

    @property
    def better(self) -> str:
        """Which values are better, in a word."""
        return "smaller" if self.mode == "min" else "larger"

    @property
    def sign(self) -> float:
        """What makes the smaller the better."""
        return 1.0 if self.mode == "min" else -1.0


def stem(name: str) -> str:
    """`share` of `ema/share2500`, `fd_classifier` of `raw/fd_classifier10k_train`."""
    plain = name.rpartition("/")[2]
    match = _NAME.match(plain)
    return match.group("stem") if match else plain


def check_objective(config: DictConfig) -> None:
    """Refuse an objective that none of a config's metrics measures. Raises UsageError."""
    asked = config.objective
    if asked is None:
        return
    known: list[str] = []
    for name, node in config.metrics.items():
        stems = stems_of(str(name), node)
        if not stems:
            return  # a metric from elsewhere: its figures are known when they are measured
        known += [figure for one in stems for figure in _figures(one, node)]
    weights = ["ema", "raw"] if config.model.get("ema") else ["raw"]
    names = [f"{which}/{figure}" for which in weights for figure in known]
    stems_only = [f"{which}/{stem(figure)}" for which in weights for figure in known]
    if asked not in names and asked not in stems_only and not asked.rpartition("/")[2].startswith(_OF_CLASS):
        close = get_close_matches(asked, names, n=1)
        hint = f", did you mean {close[0]}?" if close else ""
        raise UsageError(f"objective={asked} is not measured{hint}; there is {', '.join(names) or 'none, set metrics'}")


def likely(config: DictConfig) -> Objective | None:
    """What jobs of this config will be compared by: what is asked for, or the usual one; None if nobody knows yet."""
    if config.objective is not None:
        return Objective(config.objective, config.objective_mode or better(stem(config.objective)) or "min")
    figures = [
        figure
        for name, node in config.metrics.items()
        for one in stems_of(str(name), node)
        for figure in _figures(one, node)
    ]
    weights = "ema" if config.model.get("ema") else "raw"
    return choose(dict.fromkeys(f"{weights}/{figure}" for figure in figures), None, config.objective_mode)


def choose(measured: Mapping[str, Any], asked: str | None, mode: str | None) -> Objective | None:
    """The objective among the figures that runs have; None if they have none.

    Of several that differ in their number of samples alone it is the one that was measured last, the full protocol's.

    Args:
        measured: figures by name, in the order that they were measured in.
        asked: a name, with or without the number of samples; None for the usual one.
        mode: min or max; None for what is better by the figure's nature.
    """
    names = list(measured)
    if asked is None:
        wanted = [f"{weights}/{one}" for one in FIRST_CHOICE for weights in ("ema", "raw")]
        name = next((name for want in wanted for name in reversed(names) if _plain(name) == want), None)
        name = name or next(iter(names), None)
    else:
        name = next((name for name in reversed(names) if asked in (name, _plain(name))), None)
    return None if name is None else Objective(name, mode or better(stem(name)) or "min")


def _plain(name: str) -> str:
    return f"{name.partition('/')[0]}/{stem(name)}"


def _figures(one: str, node: DictConfig) -> list[str]:
    """The names that a stem's figure may have: with the samples of its protocol, and a reference where it has one."""
    n = node.n
    size = f"{n // 1000}k" if n % 1000 == 0 else str(n)
    plain = one + ("_" if one[-1].isdigit() else "") + size
    reference = node.get("reference")
    if reference is None or one.startswith(("score", "inception_score", "agreement")):
        return [plain]
    if one.startswith(("authenticity", "nearest_distance")):  # always against what was trained on
        reference = "train"
    return [f"{plain}_{reference}"]
