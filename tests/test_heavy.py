import gc
import subprocess
import sys

from gan_lightning.heavy import import_torch

PROGRAM = """
import atexit, gc, sys
atexit.register(lambda: print("searches at the exit:", gc.isenabled()))
{before}
from gan_lightning.heavy import import_torch
import_torch()
print("there:", "torch" in sys.modules, "lightning.pytorch" in sys.modules)
print("searches:", gc.isenabled(), "kept out of sight:", gc.get_freeze_count() > 100_000)
"""


def told(before: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(before=before)], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_garbage_is_looked_for_again_afterwards_and_not_in_what_stays() -> None:
    assert told("") == ["there: True True", "searches: True kept out of sight: True", "searches at the exit: False"]


def test_whoever_has_turned_it_off_keeps_it_off() -> None:
    assert told("gc.disable()")[1] == "searches: False kept out of sight: True"


def test_where_both_are_there_nothing_is_done() -> None:
    before = gc.get_freeze_count(), gc.isenabled()
    import_torch()
    assert (gc.get_freeze_count(), gc.isenabled()) == before
