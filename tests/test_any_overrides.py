"""Whatever the command line says: a run's config, or one line and exit code 2. Nothing else, and nothing written."""

import contextlib
import io
import shutil
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hydra import compose, initialize_config_dir
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from omegaconf import DictConfig

from gan_lightning import app, schema, single

GROUPS = [group for group in schema.groups() if not group.startswith("hydra") and group != "sweep"]
"""A preset of a sweep starts one."""
COMPOSED = [
    "model=gan",
    "model=wgan_gp",
    "model=cyclegan data=unpaired_gaussians",
    "data=mnist model=acgan",
    "sweep=optuna",
]
EDGES = [
    *("0", "-1", "1", "2", "3.5", "-0.0", "1e-300", "1e308", "1e400", "nan", "inf", "-inf", "9223372036854775808"),
    *("true", "null", "''", "' '", "x", "ü", "auto", "last", "16-true", "'a b'", "a.b", "/", "/dev/null", "/nowhere"),
    *("[]", "[1]", "[1,2]", "[0.0,0.9]", "[[1,2],[3,4]]", "[null]", "[x]", "{}", "{a:1}", "{_target_:os.system}"),
    *(
        "???",
        "'???'",
        "1,2",
        "range(3)",
        "choice(1,2)",
        "'${seed}'",
        "'${nothing}'",
        "'${model}'",
        *("'${data.kind}'", "'${model.ema}'", "'${oc.env:HOME}'", "'${folder}'", "'${hydra:job.num}'"),
        *("'${oc.decode:null}'", "'${oc.decode:\"[1,2]\"}'", "'${oc.decode:\"0\"}'", "'${oc.create:{a:1}}'"),
        "'${'",
        "${x}",
        "=",
        "",
    ),
    *(
        "[",
        "{",
        "'",
        '"',
        "\\",
        "$",
        "a=b",
        "@",
        "a:b",
        "!!python/object:os.system",
        "\t",
        "%s",
        "0x10",
        "1_000",
        "1e3",
    ),
]
"""Values that fit some key or none."""


@cache
def keys() -> tuple[str, ...]:
    """Every key of a few composed configs."""
    found: dict[str, None] = {}
    for line in COMPOSED:
        with initialize_config_dir(str(schema.CONF), version_base="1.3"):
            found |= dict.fromkeys(_paths(compose("config", ["folder=x", *line.split()])))
    return tuple(found)


def _paths(node: DictConfig, above: str = "") -> Iterator[str]:
    for name in node:
        yield f"{above}{name}"
        inner = node._get_node(name)
        if isinstance(inner, DictConfig) and not inner._is_none():
            yield from _paths(inner, f"{above}{name}.")


def choices() -> st.SearchStrategy[str]:
    """An option of a group, or several where it takes a list."""
    return st.sampled_from(GROUPS).flatmap(lambda group: _chosen(group, schema.options(group)))


def _chosen(group: str, options: list[str]) -> st.SearchStrategy[str]:
    if group in schema.listed():
        return st.lists(st.sampled_from(options), max_size=3).map(lambda names: f"{group}=[{','.join(names)}]")
    return st.sampled_from(options).map(lambda name: f"{group}={name}")


def settings_of_knobs() -> st.SearchStrategy[str]:
    """A key with a value, right or wrong; now and then added, forced, deleted, or mistyped."""
    key = st.sampled_from(keys()) | st.sampled_from(keys()).map(lambda path: path[:-1]) | st.sampled_from(GROUPS)
    value = st.sampled_from(EDGES) | st.integers().map(str) | st.floats().map(str) | st.text(max_size=5)
    return st.tuples(st.sampled_from(["", "", "", "", "", "+", "++", "~"]), key, value).map(_override)


def _override(drawn: tuple[str, str, str]) -> str:
    sign, key, value = drawn
    return f"~{key}" if sign == "~" else f"{sign}{key}={value}"


COMMANDS = st.lists(choices() | st.deferred(settings_of_knobs), min_size=1, max_size=4)


def outcome(arguments: list[str]) -> str:
    """ "config" or "line"; raises where it is something else."""
    said, told = io.StringIO(), io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(told):
        code: Any
        try:
            code = app.main()
        except SystemExit as error:
            code = error.code
    lines = said.getvalue().splitlines()
    if (code, lines, told.getvalue()) == (0, [], "a config\n"):
        return "config"
    if code == 2 and len(lines) == 1 and lines[0].startswith("gan_lightning: ") and told.getvalue() == "":
        return "line"
    raise AssertionError(f"{arguments}: {code} {said.getvalue()!r} {told.getvalue()!r}")


def check(start: list[str], end: list[str], examples: int) -> Counter[str]:
    """Draw what stands between the start and the end of a command line, and count what became of it."""
    found: Counter[str] = Counter()
    before = files()

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(COMMANDS)
    def try_one(arguments: list[str]) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.argv", ["gan_lightning", *start, *arguments, *end])
            found[outcome(arguments)] += 1
        assert files() == before, arguments

    try_one()
    return found


def files() -> set[Path]:
    """Everything below the current folder but the folder that Hydra makes for a run, where it is empty."""
    return set(Path().rglob("*")) - {Path("run")}


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A current folder in which nothing is trained, but said."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(single, "_train", lambda config, overrides: print("a config"))
    monkeypatch.setattr(single, "_execute", lambda config, status: print("a config"))


def test_a_few_command_lines(place: None) -> None:
    assert check([], ["hydra.run.dir=run"], 8)["line"] > 0


def test_dozens_of_command_lines_behind_resume(place: None, point_run: Path) -> None:
    shutil.copytree(point_run, "old", symlinks=True)
    found = check(["resume=old", "trainer.max_steps=9"], [], 48)
    assert found["line"] > 0


@pytest.mark.parametrize("value", ["{}", "[5]", "'20000 '", "'${data.kind}'", "null"])
@pytest.mark.parametrize("knob", ["trainer.max_steps", "needs"])
def test_what_resume_compares_is_held_against_its_rule_first(
    place: None, point_run: Path, knob: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(point_run, "old", symlinks=True)
    before = files()
    monkeypatch.setattr("sys.argv", ["gan_lightning", "resume=old", f"{knob}={value}"])
    assert outcome([knob, value]) == "line"
    assert files() == before


@pytest.mark.slow
def test_a_thousand_command_lines(place: None) -> None:
    found = check([], ["hydra.run.dir=run"], 1000)
    assert sum(found.values()) >= 1000 and min(found["config"], found["line"]) > 100, found


@pytest.mark.slow
def test_a_thousand_command_lines_behind_resume(place: None, point_run: Path) -> None:
    shutil.copytree(point_run, "old", symlinks=True)
    found = check(["resume=old", "trainer.max_steps=9"], [], 1000)
    assert sum(found.values()) >= 1000 and min(found["config"], found["line"]) > 10, found
