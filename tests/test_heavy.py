import gc
import subprocess
import sys
from pathlib import Path

import pytest

from gan_lightning import heavy
from gan_lightning.heavy import import_torch

PROGRAM = """
import gc, sys
{before}
from gan_lightning.heavy import import_torch
import_torch()
print("there:", "torch" in sys.modules, "lightning.pytorch" in sys.modules)
print("searches:", gc.isenabled(), "kept out of sight:", gc.get_freeze_count() > 100_000)
"""
OWN = "from gan_lightning.heavy import own_process; own_process()"
SPY = """
import atexit, gc, runpy, sys
atexit.register(lambda: print("kept out of sight:", gc.get_freeze_count() > 100_000, "searches:", gc.isenabled()))
sys.argv = ["gan_lightning", *sys.argv[1:]]
runpy.run_module("gan_lightning", run_name="__main__", alter_sys=True)
"""


def told(program: str, *arguments: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    assert "leaked" not in done.stderr  # triton's objects, where they outlive the interpreter
    return done.stdout.splitlines()


def test_whoever_has_turned_it_off_keeps_it_off(tmp_path: Path) -> None:
    """With packages of those names, for the real ones take seconds."""
    for name in ("torch", "lightning", "lightning/pytorch"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
    before = f"sys.path.insert(0, {str(tmp_path)!r}); {OWN}; gc.disable()"
    assert told(PROGRAM.format(before=before))[1] == "searches: False kept out of sight: False"


def test_another_programs_process_is_left_alone() -> None:
    assert told(PROGRAM.format(before="")) == ["there: False False", "searches: True kept out of sight: False"]


def test_where_both_are_there_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heavy, "_own", [1])
    before = gc.get_freeze_count(), gc.isenabled()
    import_torch()
    assert (gc.get_freeze_count(), gc.isenabled()) == before


SIGNALS = """
print("read:", [name for name in sys.modules if name.startswith("scipy.signal")])
import scipy.signal
print("real:", scipy.signal.get_window("hann", 4).tolist(), "as it was:", not hasattr(scipy.signal, "hamming"))
"""


def test_garbage_is_searched_for_again_but_not_in_what_stays_and_signal_processing_is_read_by_who_asks() -> None:
    assert told(PROGRAM.format(before=OWN) + SIGNALS) == [
        "there: True True",
        "searches: True kept out of sight: True",
        "read: []",
        "real: [0.0, 0.5, 1.0, 0.5] as it was: True",
    ]


@pytest.mark.parametrize(
    "wish",
    [
        "from scipy.signal import get_window",
        "from scipy.signal.windows import get_window",
        "from scipy import signal; get_window = signal.get_window",
        "import importlib.util; assert importlib.util.find_spec('scipy.signal'); from scipy.signal import get_window",
    ],
)
def test_whoever_needs_it_meanwhile_has_it(wish: str) -> None:
    program = f"""
import sys
from gan_lightning.heavy import _without_signal_processing
with _without_signal_processing():
    {wish}
import scipy.signal
print(get_window("hann", 4).tolist(), hasattr(scipy.signal, "hamming"), type(scipy.signal).__name__)
"""
    assert told(program) == ["[0.0, 0.5, 1.0, 0.5] False module"]


def test_the_command_line_is_such_a_program(tmp_path: Path) -> None:
    ended = told(SPY, "trainer.max_steps=1", "metrics=[]", f"hydra.run.dir={tmp_path / 'run'}")
    assert ended[-1] == "kept out of sight: True searches: True"
