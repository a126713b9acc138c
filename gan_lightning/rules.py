"""What a value must be: each rule tells whether it accepts one, and says itself in words."""

from dataclasses import dataclass
from typing import Any, Protocol

from omegaconf import ListConfig


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
class Choices:
    """A list of some of a few values, or of none."""

    options: tuple[str, ...]

    def accepts(self, value: Any) -> bool:
        """Whether the value is a list of such values."""
        return isinstance(value, ListConfig | list) and all(one in self.options for one in value)

    def __str__(self) -> str:
        return f"a list, as in [] or [{','.join(self.options)}]"


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
class Row:
    """A list of finite numbers, each of which fits a range."""

    entry: Number = Number()

    def accepts(self, value: Any) -> bool:
        """Whether the value is a list of one such number or more."""
        return isinstance(value, ListConfig | list) and len(value) > 0 and all(map(self.entry.accepts, value))

    def __str__(self) -> str:
        bounds = str(self.entry).removeprefix("a number")
        return f"a list of numbers{bounds.rstrip()}, as in [1.0,2.0]"


@dataclass(frozen=True)
class Rows:
    """A list of lists of finite numbers."""

    def accepts(self, value: Any) -> bool:
        """Whether the value is a list of one row or more."""
        return isinstance(value, ListConfig | list) and len(value) > 0 and all(map(Row().accepts, value))

    def __str__(self) -> str:
        return "a list of rows of numbers, as in [[1.0,2.0],[-0.1,0.5]]"


@dataclass(frozen=True)
class Optional:
    """null, or what another rule accepts."""

    rule: Rule

    def accepts(self, value: Any) -> bool:
        """Whether the value is None or accepted."""
        return value is None or self.rule.accepts(value)

    def __str__(self) -> str:
        return f"{self.rule}, or null"


def shown(value: Any) -> str:
    """A value as it is written on the command line."""
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
