"""A command line in this process."""

import sys
from collections.abc import Callable
from typing import NamedTuple

import pytest
from PIL import Image

from gan_lightning import app


class Done(NamedTuple):
    """What a command line left."""

    code: int
    out: list[str]
    err: list[str]


@pytest.fixture
def size_of() -> Callable[[object], tuple[int, int]]:
    """The size of a picture's file."""

    def size(path: object) -> tuple[int, int]:
        with Image.open(str(path)) as picture:
            return picture.size

    return size


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Runs `gan_lightning ARGUMENTS`: the exit code, and the lines of both streams."""

    def run(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["gan_lightning", *map(str, arguments)])
        code = app.main()
        out, err = capsys.readouterr()
        return Done(code, out.splitlines(), err.splitlines())

    return run
