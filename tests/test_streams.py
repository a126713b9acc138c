"""What is said to nobody costs nothing but what was said."""

import os
import subprocess
import sys

import pytest

from gan_lightning.streams import harmless

START = "import os, sys; from gan_lightning.streams import harmless; harmless(); "


def told_to(program: str, **streams: object) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run([sys.executable, "-c", START + program], check=False, timeout=60, **streams)


@pytest.mark.parametrize(("told", "other"), [("stdout", "stderr"), ("stderr", "stdout")])
def test_a_reader_that_goes_away_hurts_neither_in_between_nor_at_the_end(told: str, other: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    program = f"print('a', file=sys.{told}, flush=True); print('b', file=sys.{other}); print('c', file=sys.{told})"
    done = told_to(program, **{told: writing, other: subprocess.PIPE})
    os.close(writing)
    assert (done.returncode, getattr(done, other)) == (0, b"b\n")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no full disk to write to")
def test_nor_does_a_full_disk() -> None:
    with open("/dev/full", "wb") as full:
        assert told_to("print('a', flush=True); print('b')", stdout=full, stderr=full).returncode == 0


def test_what_can_be_told_is_told_in_its_order_by_streams_made_harmless_twice() -> None:
    program = "print('ä'); harmless(); print('b', file=sys.stderr); os._exit(sys.stdout.flush() or 0)"
    done = told_to(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | {"PYTHONUTF8": "1"})
    assert (done.stdout, done.stderr, done.returncode) == ("ä\n".encode(), b"b\n", 0)


def test_a_stream_that_is_closed_swallows() -> None:
    program = "assert not sys.stderr.isatty(); print('a', file=sys.stderr); print('b')"
    command = 'exec "$0" -c "$1" 2>&-'
    done = subprocess.run(["sh", "-c", command, sys.executable, START + program], capture_output=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, b"b\n")


def test_what_somebody_has_put_in_their_place_stays(capsys: pytest.CaptureFixture[str]) -> None:
    before = sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__
    harmless()
    assert (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__) == before
