"""Two processes on the CPU, as a user starts them."""

import importlib.util
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from gan_lightning import app

CHECKOUT = Path(__file__).resolve().parent.parent
SCRIPT = Path(__file__).with_name("two_ranks.py")
_spec = importlib.util.spec_from_file_location("two_ranks", SCRIPT)
assert _spec is not None and _spec.loader is not None
two_ranks = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(two_ranks)
GAMES, RANKS = two_ranks.GAMES, two_ranks.RANKS


def train(folder: Path, *overrides: str) -> "subprocess.CompletedProcess[str]":
    return command(folder, f"folder={folder}", f"hydra.run.dir={folder}", *overrides)


def command(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(CHECKOUT)}
    call = [sys.executable, "-m", "gan_lightning", *arguments]
    return subprocess.run(call, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


@pytest.mark.slow
def test_two_processes_play_one_game(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They train on half the batch each, keep equal weights, and only the first writes."""
    small = ["network.generator.width=8", "network.discriminator.width=8", "data.num_samples=2560", "every=5"]
    shared = ["model=wgan_gp", "trainer=ddp", "trainer.accelerator=cpu", "trainer.max_steps=10", "data.batch_size=16"]
    done = train(tmp_path, *shared, *small)
    assert done.returncode == 0, done.stderr
    records = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert len(records) == len({(record["name"], record["weights"], record["step"]) for record in records})
    monkeypatch.setattr(
        sys, "argv", ["gan_lightning", "evaluate", str(tmp_path), "--out", str(tmp_path / "alone.jsonl")]
    )
    assert app.main() == 0
    again = [json.loads(line) for line in (tmp_path / "alone.jsonl").read_text().splitlines()]
    last = [record for record in records if record["step"] == 10]
    clocks = {"seconds": 0, "elapsed": None}
    assert [record | clocks for record in last] == [record | clocks for record in again]
    checkpoint = torch.load(tmp_path / "checkpoints" / "last.ckpt", weights_only=True)
    assert checkpoint["global_step"] == 10
    assert checkpoint["loops"]["fit_loop"]["state_dict"]["combined_loader"][0]["position"] == 10


@pytest.fixture(scope="module")
def ranks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What each of two ranks is left with after each game of `two_ranks.py`."""
    folder = tmp_path_factory.mktemp("ranks")
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(CHECKOUT)}
    call = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc_per_node={RANKS}"]
    script = [str(SCRIPT), str(folder)]
    done = subprocess.run([*call, *script], env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("game", GAMES)
def test_ranks_have_their_own_data_and_noise_and_end_with_equal_weights(game: str, ranks: Path) -> None:
    first, second = (torch.load(ranks / f"{game}{rank}") for rank in range(RANKS))
    assert first["seen"] != second["seen"]
    assert first["noise"] != second["noise"]
    for name, value in first["state"].items():
        assert torch.equal(value, second["state"][name]), name


@pytest.mark.parametrize("game", GAMES)
def test_two_ranks_of_half_the_batch_play_as_one_process(game: str, ranks: Path) -> None:
    together, alone = torch.load(ranks / f"{game}0")["state"], two_ranks.alone(game)
    assert together.keys() == alone.keys()
    for name, value in alone.items():
        assert (together[name] - value).abs().max() <= 1e-10 * value.abs().max(), name
    moved = two_ranks.GAMES[game]().state_dict()
    assert any((value - moved[name]).abs().max() > 1e-3 for name, value in alone.items())


def test_resumed_ranks_have_their_own_pools_again(ranks: Path) -> None:
    (whole, resumed), (others, _) = (torch.load(ranks / f"pools{rank}") for rank in range(RANKS))
    assert whole.keys() == resumed.keys()
    for name, value in whole.items():
        assert torch.equal(value, resumed[name]), name
        assert torch.equal(value, others[name]) == (not name.endswith("pool.kept")), name


@pytest.mark.slow
def test_two_machines_become_one_run(tmp_path: Path) -> None:
    """Two agents of torchrun, on one machine here, that know of each other by an address alone."""
    small = ["network.generator.width=8", "network.discriminator.width=8", "data.num_samples=2560", "every=5"]
    game = ["trainer=ddp_multinode", "trainer.devices=1", "trainer.accelerator=cpu", "trainer.max_steps=10"]
    agent = [sys.executable, "-m", "torch.distributed.run", "--nnodes=2", "--nproc-per-node=1"]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(CHECKOUT)}
    agents = [
        subprocess.Popen(
            [*agent, f"--node-rank={node}", "--master-addr=127.0.0.1", f"--master-port={port}", "-m", "gan_lightning"]
            + [*game, *small, "data.batch_size=16", f"hydra.run.dir={tmp_path / 'run'}"],
            cwd=tmp_path,
            env=environment,
            stderr=subprocess.PIPE,
        )
        for node in range(2)
    ]
    said = [process.communicate(timeout=300)[1].decode() for process in agents]
    assert [process.returncode for process in agents] == [0, 0], said
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    checkpoint = torch.load(tmp_path / "run" / "checkpoints" / "last.ckpt", weights_only=True)
    assert checkpoint["global_step"] == 10
    assert checkpoint["loops"]["fit_loop"]["state_dict"]["combined_loader"][0]["position"] == 10
    assert json.loads((tmp_path / "run" / "status.json").read_text())["state"] == "finished"
