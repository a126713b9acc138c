"""The benchmarks run, and print what they say they print. Nothing is asked of their figures."""

import os
import re
import struct
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).with_name("benchmarks")
NUMBER, RATIO = r"[\d.]+", r"ratio \d+\.\d{3} \+- \d+\.\d{3} \(n=2\)"
PEERS = ("lean", "lean, same levers")
FLOOR = rf"{NUMBER} GFLOP, +{NUMBER} MB; (float32|bfloat16): .* ms, \d+ samples/s, arithmetic \d+%.*, its own kernels"
OFFICIAL = """
import hashlib, runpy, sys
from pathlib import Path
from gan_lightning.data.mnist import MNIST

script, *arguments = sys.argv[1:]
MNIST.SHA256 = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in Path("data/MNIST/raw").iterdir()}
sys.argv = [script, *arguments]
sys.path.insert(0, str(Path(script).parent))
runpy.run_path(script, run_name="__main__")
"""
"""Plays a benchmark with whatever digits there are."""


def noise_as_mnist(folder: Path, images: int = 64) -> None:
    """A set of so many digits that are none, in torchvision's layout."""
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    pixels = np.random.default_rng(0).integers(256, size=(images, 28, 28)).astype(np.uint8)
    for prefix in ("train", "t10k"):
        (raw / f"{prefix}-images-idx3-ubyte").write_bytes(struct.pack(">IIII", 0x803, *pixels.shape) + pixels.tobytes())
        (raw / f"{prefix}-labels-idx1-ubyte").write_bytes(struct.pack(">II", 0x801, images) + bytes(images))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where benchmarks are played: the digits are there, and pictures are left there."""
    folder = tmp_path_factory.mktemp("benchmarks")
    noise_as_mnist(folder / "data")
    return folder


def said(place: Path, script: str, *arguments: str, **environment: str) -> str:
    """What a benchmark prints where everything is tiny."""
    tiny = {"TINY": "1", "ROUNDS": "2", "OMP_NUM_THREADS": "1", "XDG_CACHE_HOME": str(place), **environment}
    by = ["-c", OFFICIAL] if script in ("iteration.py", "levers.py", "floor.py") else []
    call = [sys.executable, *by, str(BENCHMARKS / script), *arguments]
    done = subprocess.run(
        call, env=os.environ | tiny, cwd=place, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def ratios(name: str, side: str, peers: tuple[str, ...] = PEERS) -> list[str]:
    """Lines of one workload, a peer each."""
    return [rf"{name} +{side} +{NUMBER} ms, {peer} +{NUMBER} ms, {RATIO}" for peer in peers]


@pytest.mark.slow
def test_every_workload_is_played(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)
    workloads = import_module("workloads").WORKLOADS
    told = said(place, "iteration.py", SIDES="exact")
    for name, workload in workloads.items():
        for line in ratios(name, "exact", PEERS if workload.size is None else (*PEERS, "tutorial")):
            assert re.search(line, told), told


@pytest.mark.slow
def test_every_side_is_played_that_the_machine_can_play(place: Path) -> None:
    sides = ("bare", "watched", "as shipped", "fast", "compiled")
    told = said(place, "iteration.py", "ring_r1", SIDES=",".join([*sides, "cuda graphs"]))
    for line in (line for side in sides for line in ratios("ring_r1", side)):
        assert re.search(line, told), told
    assert re.search("cuda graphs: left out, there is no GPU|" + ratios("ring_r1", "cuda graphs")[0], told), told


@pytest.mark.slow
def test_every_lever_is_played(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)
    levers = import_module("levers").LEVERS
    told = said(place, "levers.py")
    assert re.findall(rf"(?m)^(\S.*?) +\w+ +{NUMBER} \+- {NUMBER}$", told) == list(levers), told


SAID = {
    ("floor.py", "dcgan_32"): [rf"dcgan_32 +{side} +{FLOOR} +\d+%" for side in ("exact", "as shipped")],
    ("reduction.py", "ring_r1"): [rf"8 gradients: flat {NUMBER} ms, one by one {NUMBER} ms, {RATIO}"],
    ("watching.py", "trainer.max_steps=20"): [
        rf"Guard +{NUMBER} s +{NUMBER}% \+- {NUMBER}% +{NUMBER} us",
        rf"all +{NUMBER} s, 20 iterations \(n=2\)",
    ],
}


@pytest.mark.slow
@pytest.mark.parametrize(("script", "argument"), SAID)
def test_a_benchmark_tells_what_it_measured(script: str, argument: str, place: Path) -> None:
    told = said(place, script, argument, SIDES="exact,as shipped")
    for line in SAID[script, argument]:
        assert re.search(line, told), told
