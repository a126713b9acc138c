"""Ctrl-C at any moment of the start."""

import subprocess
import sys

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
