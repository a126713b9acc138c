"""Ctrl-C at any moment of the start, and the end of a command that is done."""

import subprocess
import sys
from pathlib import Path

import pytest

PRESS = """
import os, runpy, signal, sys
signal.signal(signal.SIGINT, {before})
class Pressed:
    def find_spec(self, name, path, target=None):
        if name == {name!r}:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Pressed())
sys.argv = ["gan_lightning", "completion", "bash"]
runpy.run_module("gan_lightning", run_name="__main__", alter_sys=True)
"""


def pressed(name: str, before: str) -> "subprocess.CompletedProcess[str]":
    """Ctrl-C at the moment at which a module is first asked for."""
    program = PRESS.format(name=name, before=before)
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("name", ["gan_lightning.app", "gan_lightning.errors", "gan_lightning.verbs.app"])
def test_it_ends_the_command_with_its_code_and_without_a_word(name: str) -> None:
    done = pressed(name, "signal.default_int_handler")
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_where_it_is_to_be_ignored_it_is() -> None:
    done = pressed("gan_lightning.app", "signal.SIG_IGN")
    assert (done.returncode, done.stderr) == (0, "") and "complete" in done.stdout


LEAVE = """
import atexit, sys, threading, time
from concurrent.futures import ThreadPoolExecutor
from gan_lightning.leaving import leave_at_once
class Freed:
    def __del__(self):
        print("freed", flush=True)
told = threading.Event()
def late():
    told.wait()
    time.sleep(0.2)
    print("a thread ended\\n", end="")  # written at once, for there are two
freed = Freed()
atexit.register(lambda: print("registered"))
threading.Thread(target=late).start()
pool = ThreadPoolExecutor(1)
pool.submit(late)
print("told", end=" ")
print("too", end=" ", file=sys.stderr)
told.set()
"""
DONE = ["told a thread ended", "a thread ended", "registered"]


def left(end: str, *python: str, arguments: tuple[str, ...] = ()) -> "subprocess.CompletedProcess[str]":
    program = [sys.executable, *python, "-c", LEAVE + end, *arguments]
    return subprocess.run(program, capture_output=True, text=True, timeout=60, check=False, input="")


@pytest.mark.parametrize("held", [True, False])
@pytest.mark.parametrize("mode", ["w", "wb", "w+b"])
def test_files_that_nobody_has_closed_are_whole(mode: str, held: bool, tmp_path: Path) -> None:
    end = (
        "class Run: pass\nrun = Run()\nrun.itself = run\nrun.file = open(sys.argv[1], sys.argv[2])\n"
        "run.file.write('a line' if sys.argv[2] == 'w' else b'a line')\n"
    )
    path = tmp_path / "file.txt"
    left(end + ("" if held else "del run\n") + "leave_at_once(0)", arguments=(str(path), mode))
    assert path.read_text() == "a line"


def test_what_nobody_holds_is_freed() -> None:
    end = "freed.itself = freed\ndel freed\nleave_at_once(0)"
    assert left(end).stdout.splitlines() == [*DONE, "freed"]


@pytest.mark.parametrize("code", [0, 3])
def test_nothing_is_freed_but_all_is_waited_for_called_and_told(code: int) -> None:
    done = left(f"leave_at_once({code})")
    assert (done.returncode, done.stdout.splitlines(), done.stderr) == (code, DONE, "too ")


def test_the_program_ends_so() -> None:
    end = "sys.argv = ['gan_lightning', 'completion', 'bash']\nfrom gan_lightning.app import console\nconsole()"
    done = left(end)
    assert done.returncode == 0 and "complete" in done.stdout and done.stdout.splitlines()[-1] == "registered"


def test_called_by_another_program_it_is_an_exit_that_can_be_caught() -> None:
    end = "def other():\n    leave_at_once(3)\ntry:\n    other()\nexcept SystemExit as end:\n    print(end.code)"
    done = left(end)
    assert done.returncode == 0 and done.stdout.splitlines() == ["told 3", *DONE[1:2] * 2, "registered", "freed"]


def test_who_wants_to_look_around_can() -> None:
    assert "freed" in left("leave_at_once(3)", "-i").stdout


@pytest.mark.parametrize("stream", ["None", "open('/dev/full', 'w')"])
def test_what_cant_be_told_is_pythons_to_complain_of(stream: str) -> None:
    plain, ours = (left(f"sys.stdout = {stream}\nprint('more')\n{end}(3)") for end in ("sys.exit", "leave_at_once"))
    assert (ours.returncode, ours.stderr) == (plain.returncode, plain.stderr)


@pytest.mark.parametrize("command", [["-m", "gan_lightning"], [str(Path(sys.executable).with_name("gan-lightning"))]])
def test_a_profiler_of_it_has_its_say(command: list[str]) -> None:
    arguments = [*command, "completion", "bash"]
    plain = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True)
    profiled = subprocess.run(
        [sys.executable, "-m", "cProfile", *arguments], capture_output=True, text=True, check=True
    )
    assert "complete" in plain.stdout and plain.stdout in profiled.stdout and "function calls" in profiled.stdout
