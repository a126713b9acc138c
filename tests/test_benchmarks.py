"""The benchmarks run, and print what they say they print. Nothing is asked of their figures."""

import os
import re
import struct
import subprocess
import sys
from importlib import import_module
from io import StringIO
from itertools import islice
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

BENCHMARKS = Path(__file__).with_name("benchmarks")
NUMBER, RATIO = r"[\d.]+", r"ratio \d+\.\d{3} \+- \d+\.\d{3} \(n=2\)"
PEERS = ("lean", "lean, same levers")
TUTORIALS = ("tutorial", "tutorial, no workers")
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
    by = ["-c", OFFICIAL] if script in ("iteration.py", "levers.py", "floor.py", "growth.py", "frameworks.py") else []
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
        for line in ratios(name, "exact", (*PEERS, *(name for name in TUTORIALS if name in workload.others))):
            assert re.search(line, told), told


@pytest.mark.slow
def test_every_side_is_played_that_the_machine_can_play(place: Path) -> None:
    sides = ("bare", "watched", "workers", "as shipped", "fast", "compiled")
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
    ("growth.py", "width"): [rf"width +{width} +\d+ samples/s, {RATIO}" for width in (16, 32)],
    ("growth.py", "pictures"): [rf"pictures +{n} +\d+ samples/s, {RATIO}" for n in (500, 5_000)],
    ("growth.py", "data.num_samples"): [rf"data\.num_samples +{n} +\d+ samples/s, {RATIO}" for n in (1_000, 100_000)],
    ("floor.py", "dcgan_32"): [rf"dcgan_32 +{side} +{FLOOR} +\d+%" for side in ("exact", "as shipped")],
    ("reduction.py", "ring_r1"): [rf"8 gradients: flat {NUMBER} ms, one by one {NUMBER} ms, {RATIO}"],
    ("convolutions.py", ""): [rf"Conv2d\(2, 3, .*\) +4 +24 {way} +{RATIO}" for way in ("im2col", "winograd")],
    ("watching.py", "trainer.max_steps=20"): [
        rf"Guard +{NUMBER} s +{NUMBER}% \+- {NUMBER}% +{NUMBER} us",
        rf"all +{NUMBER} s, 20 iterations \(n=2\)",
    ],
}


def test_what_is_to_be_measured_is_all_that_is_named_or_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)
    named = import_module("named").named
    for names, found in (["b", "a"], ["b", "a"]), ([], ["a", "b", "c"]):
        monkeypatch.setattr(sys, "argv", ["a benchmark", *names])
        assert named({"a": 1, "b": 2, "c": 3}) == found
    assert named("abc", ["c"]) == ["c"]
    monkeypatch.setattr(sys, "argv", ["a benchmark", "a", "d"])
    with pytest.raises(SystemExit, match="2"):
        named("abc")
    assert capsys.readouterr().err == "d: no such thing to measure; there is a, b, c\n"


def test_a_gate_gives_a_framework_the_batches_of_each_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)
    adapters = import_module("adapters")
    monkeypatch.setattr("os._exit", Mock(side_effect=SystemExit))
    seconds, seen, batches = StringIO(), [], DataLoader(torch.arange(6), batch_size=2)
    gate = adapters.Gate(batches, 2, StringIO("1\n3\n"), seconds)
    with pytest.raises(SystemExit):
        while True:  # as a loop with epochs of two batches has it
            for batch in islice(gate, 2):
                seen.append((batch.tolist(), len(seconds.getvalue().splitlines())))
    values, behind = zip(*seen, strict=True)
    assert list(values) == ([[0, 1], [2, 3], [4, 5]] * 3)[:8]
    assert list(behind) == [0] * 2 + [1] * 6  # no turn is told before its last batch is done with
    assert len([float(line) for line in seconds.getvalue().splitlines()]) == 2


@pytest.mark.slow
def test_other_frameworks_are_played_where_they_are_installed(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)
    names, workloads = import_module("frameworks").installed(), import_module("workloads").WORKLOADS
    if not names:
        pytest.skip("make frameworks has not been run")
    told = said(place, "frameworks.py", SIDES="exact")
    for name in ("mnist_mlp", "mnist_dcgan", "resnet_wgan_gp"):
        for line in ratios(name, "exact", ("lean", *(other for other in names if other in workloads[name].others))):
            assert re.search(line, told), told


def test_products_are_counted_wherever_they_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)
    left, right, there = torch.ones(2, 3), torch.ones(3, 4), torch.ones(2, 4)
    with import_module("kernels").Record() as record:
        _ = left @ right
        torch.mm(left, right, out=there)
        there.addmm_(left, right)
        there.add_(1)
    assert record.flops == 3 * 2 * (2 * 3 * 4) and len(record.kernels) == 3


def test_frameworks_have_networks_as_whoever_writes_them_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)
    adapters, opponents = import_module("adapters"), import_module("opponents")
    network = torch.nn.Conv2d(2, 3, 4).to(memory_format=torch.channels_last)
    assert adapters.plain(opponents.Recipe("gan", network, network, {})) == torch.device("cpu")
    assert network.weight.is_contiguous() and not network.weight.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.slow
def test_a_set_three_times_as_large_as_memory_is_trained_on(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each process reads the whole set; the kernel kills one that keeps more than its control group may have."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    try:
        import_module("large_set").group(10**9).rmdir()
    except OSError:
        pytest.skip("nobody can be held to a memory limit here: that takes root, and control groups")
    monkeypatch.setattr(import_module("pictures"), "PLACE", place / "gan_lightning_benchmarks")
    pixels = import_module("pictures").folder(50_000)
    told = said(place, "large_set.py", str(pixels), "2", SIDE="160", LIMIT_MB="1200", CACHE=str(place))
    assert "set 3.84 GB, limit 1.20 GB" in told
    assert len(re.findall(rf"within the limit {NUMBER}/s, {NUMBER} MB read, loader alone {NUMBER}/s", told)) == 2
    assert re.search(RATIO, told), told


@pytest.mark.slow
@pytest.mark.parametrize("start", ["import torch", "--cfg job", "one iteration, the ring, nothing measured"])
def test_a_start_is_timed(start: str, place: Path) -> None:
    told = said(place, "starting.py", "1", start)
    assert re.search(rf"(?m)^{start} +{NUMBER} s \({NUMBER} to {NUMBER}, n 1\), +\d+ MB$", told), told


@pytest.mark.slow
@pytest.mark.parametrize(("script", "argument"), SAID)
def test_a_benchmark_tells_what_it_measured(script: str, argument: str, place: Path) -> None:
    told = said(place, script, argument, SIDES="exact,as shipped")
    for line in SAID[script, argument]:
        assert re.search(line, told), told
