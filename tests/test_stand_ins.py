"""Stand-ins for modules: what they have is had without the real one, whatever else with it."""

import gc
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gan_lightning.stand_ins import StandIn

PACKAGE = "an_unlikely_package"


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """For a package with a module inside of it, which counts how often it is run."""
    folder = tmp_path / PACKAGE
    folder.mkdir()
    (folder / "__init__.py").write_text("import gc\nname, wish = 'real', 'come true'\nsearched = gc.isenabled()\n")
    (folder / "inner.py").write_text(f"import {PACKAGE}\n{PACKAGE}.runs = getattr({PACKAGE}, 'runs', 0) + 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    before, finders = set(sys.modules), list(sys.meta_path)
    yield StandIn(PACKAGE, {"name": "standing in"}, package=True)
    sys.meta_path[:] = finders
    for name in set(sys.modules) - before:
        if name.startswith(PACKAGE):
            del sys.modules[name]


def test_what_it_has_is_had_without_the_real_one(stand_in: StandIn) -> None:
    module = importlib.import_module(PACKAGE)
    assert module is stand_in and module.name == "standing in" and sys.modules[PACKAGE] is stand_in


def test_who_looks_through_all_modules_does_not_bring_it(stand_in: StandIn) -> None:
    assert not hasattr(stand_in, "__file__") and sys.modules[PACKAGE] is stand_in


def test_any_other_name_brings_the_real_one_for_good(stand_in: StandIn) -> None:
    assert stand_in.wish == "come true"
    assert importlib.import_module(PACKAGE).name == "real" and stand_in.wish == "come true"


def test_no_name_at_all_is_the_real_ones_to_refuse(stand_in: StandIn) -> None:
    with pytest.raises(AttributeError, match=f"module '{PACKAGE}' has no attribute 'nothing'"):
        stand_in.nothing  # noqa: B018


def test_a_module_inside_is_the_real_ones_and_run_once(stand_in: StandIn) -> None:
    inner = importlib.import_module(f"{PACKAGE}.inner")
    real = sys.modules[PACKAGE]
    assert real is not stand_in and real.inner is inner and real.runs == 1
    assert inner is importlib.import_module(f"{PACKAGE}.inner") is sys.modules[f"{PACKAGE}.inner"]
    assert inner.__spec__.origin == inner.__file__ and importlib.reload(inner) is inner and real.runs == 2


def test_what_is_not_inside_is_missed_as_ever(stand_in: StandIn) -> None:
    with pytest.raises(ModuleNotFoundError, match=f"No module named '{PACKAGE}.nothing'"):
        importlib.import_module(f"{PACKAGE}.nothing")


def test_stand_ins_inside_go_with_it_and_its_neighbours_stay(stand_in: StandIn) -> None:
    inside, beside = StandIn(f"{PACKAGE}.utils", {}), StandIn(f"{PACKAGE}_too", {})
    stand_in.withdraw()
    assert not {PACKAGE, inside.__name__} & sys.modules.keys() and sys.modules[beside.__name__] is beside


def test_the_real_one_comes_without_a_search_for_garbage(stand_in: StandIn) -> None:
    assert gc.isenabled() and not stand_in.searched and gc.isenabled()
