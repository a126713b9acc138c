"""The benchmarks run, and print what they say they print. Nothing is asked of their figures."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).with_name("benchmarks")
RATIO = r"ratio \d+\.\d{3} \+- \d+\.\d{3} \(n=2\)"


PEERS = ("lean", "lean, same levers")
SAID = {
    ("iteration.py", "ring_r1"): [rf"ring_r1 +bare +[\d.]+ ms, {peer} +[\d.]+ ms, {RATIO}" for peer in PEERS],
    ("levers.py", "noise seeded without a trace"): [r"noise seeded without a trace +ring_r1 +[\d.]+ \+- [\d.]+"],
    ("floor.py", "ring_r1"): [
        r"ring_r1 +bare +[\d.]+ GFLOP, +[\d.]+ MB; float32: .* ms, \d+ samples/s, arithmetic \d+%"
    ],
    ("reduction.py", "ring_r1"): [rf"8 gradients: flat [\d.]+ ms, one by one [\d.]+ ms, {RATIO}"],
    ("watching.py", "trainer.max_steps=20"): [r"Guard +[\d.]+ s +[\d.]+% +[\d.]+ us", r"all +[\d.]+ s, 20 iterations"],
}


@pytest.mark.slow
@pytest.mark.parametrize(("script", "argument"), SAID)
def test_a_benchmark_tells_what_it_measured(script: str, argument: str, tmp_path: Path) -> None:
    environment = os.environ | {"ROUNDS": "2", "SIDES": "bare", "OMP_NUM_THREADS": "1"}
    call = [sys.executable, str(BENCHMARKS / script), argument]
    done = subprocess.run(call, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    for line in SAID[script, argument]:
        assert re.search(line, done.stdout), done.stdout
