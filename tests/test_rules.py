"""A rule accepts its range and nothing else, and says itself in words."""

import pytest

from gan_lightning.rules import Betas, Choice, Integer, Number, Row, Rows, Text
from gan_lightning.rules import Optional as OrNull


@pytest.mark.parametrize(
    ("rule", "accepted", "refused"),
    [
        (Number(), [0, -1.5, 1e300], [True, None, "1", float("nan"), float("inf"), [1]]),
        (Number(above=0), [1e-300], [0, -1]),
        (Number(least=0), [0, 0.0], [-1e-9]),
        (Number(below=1), [0.999], [1, 1.0]),
        (Number(most=1), [1, 1.0], [1.001]),
        (Integer(2), [2, 10**9], [1, 2.0, True, "2", None]),
        (Choice((True, False)), [True, False], [1, 0, "true", None]),
        (Choice((1, 3)), [1, 3], [True, 1.0, 2, "1"]),
        (Choice(("a", "b")), ["a"], ["c", "A", None]),
        (Text(), ["x"], ["", 5, None, True]),
        (Row(), [[1], [0.0, -2]], [[], ["a"], [True], 1, None, [[1]]]),
        (Row(Number(above=0)), [[1], [0.5, 2]], [[0], [1, -2], []]),
        (Rows(), [[[1]], [[1, 2], [3]]], [[], [[]], [1], [["a"]], None]),
        (Betas(), [[0.0, 0.999]], [[0.5], [0.1, 0.2, 0.3], [0.5, 1.0], [-0.1, 0.5], [0, 0.9], 0.5, "0.5", None]),
        (OrNull(Integer(1)), [None, 1], [0, "null"]),
    ],
    ids=str,
)
def test_a_rule_accepts_its_range_and_nothing_else(rule: object, accepted: list[object], refused: list[object]):
    assert [rule.accepts(value) for value in accepted] == [True] * len(accepted)
    assert [rule.accepts(value) for value in refused] == [False] * len(refused)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Number(above=0, most=1), "a number above 0 and at most 1"),
        (Number(least=0, below=1), "a number at least 0 and below 1"),
        (Integer(-1), "a whole number, at least -1"),
        (Choice((True, False)), "one of true, false"),
        (Betas(), "a list of two numbers, at least 0 and below 1, each with a point, as in [0.0,0.9]"),
        (Row(), "a list of numbers, as in [1.0,2.0]"),
        (Row(Number(above=0)), "a list of numbers above 0, as in [1.0,2.0]"),
        (Rows(), "a list of rows of numbers, as in [[1.0,2.0],[-0.1,0.5]]"),
        (OrNull(Text()), "text, or null"),
    ],
)
def test_a_rule_says_itself_in_words(rule: object, words: str):
    assert str(rule) == words
