"""Two processes on the CPU, as a user starts them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import torch

CHECKOUT = Path(__file__).resolve().parent.parent


def train(folder: Path, *overrides: str) -> "subprocess.CompletedProcess[str]":
    return command(folder, f"folder={folder}", f"hydra.run.dir={folder}", *overrides)


def command(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(CHECKOUT)}
    call = [sys.executable, "-m", "gan_lightning", *arguments]
    return subprocess.run(call, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


def test_two_processes_play_one_game(tmp_path: Path) -> None:
    """They train on half the batch each, keep equal weights, and only the first writes."""
    small = ["network.generator.width=8", "network.discriminator.width=8", "data.num_samples=2560", "every=5"]
    shared = ["model=wgan_gp", "trainer=ddp", "trainer.accelerator=cpu", "trainer.max_steps=10", "data.batch_size=16"]
    done = train(tmp_path, *shared, *small)
    assert done.returncode == 0, done.stderr
    records = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert len(records) == len({(record["name"], record["weights"], record["step"]) for record in records})
    alone = command(tmp_path, "evaluate", str(tmp_path), "--out", "alone.jsonl")
    assert alone.returncode == 0, alone.stderr
    again = [json.loads(line) for line in (tmp_path / "alone.jsonl").read_text().splitlines()]
    last = [record for record in records if record["step"] == 10]
    clocks = {"seconds": 0, "elapsed": None}
    assert [record | clocks for record in last] == [record | clocks for record in again]
    checkpoint = torch.load(tmp_path / "checkpoints" / "last.ckpt", weights_only=True)
    assert checkpoint["global_step"] == 10
    assert checkpoint["loops"]["fit_loop"]["state_dict"]["combined_loader"][0]["position"] == 10


RANK = """
import functools, hashlib, os, pathlib, sys
import torch
from lightning import Callback, Trainer, seed_everything
from gan_lightning.data.gaussians import Gaussians
from gan_lightning.losses import Wasserstein
from gan_lightning.models.wgan_gp import WGANGP
from gan_lightning.networks import mlp
from gan_lightning.penalties import Gradient
from gan_lightning.schedules import Constant
from gan_lightning.strategy import AdversarialDDP

class Tell(Callback):
    def on_train_batch_start(self, trainer, module, batch, batch_idx):
        if batch_idx == 0:
            self.first_batch = batch.real.sum().item()

    def on_train_end(self, trainer, module):
        weights = b"".join(p.detach().numpy().tobytes() for p in module.parameters())
        facts = hashlib.sha256(weights).hexdigest(), self.first_batch, torch.randn(1).item()
        pathlib.Path(sys.argv[1], f"rank{trainer.global_rank}").write_text(" ".join(map(str, facts)))

seed_everything(int(os.environ["LOCAL_RANK"]), verbose=False)  # ranks begin apart: the broadcast must join them
adam = functools.partial(torch.optim.Adam, lr=1e-3)
game = WGANGP(
    shape=(2,),
    num_classes=0,
    generator=functools.partial(mlp.Generator, latent_dim=2, width=8, depth=2, activation="relu", norm="none"),
    discriminator=functools.partial(mlp.Discriminator, width=8, depth=2, activation="relu", norm="none"),
    loss=Wasserstein(), penalties={"gradient": Gradient(1.0, 1.0, False)},
    optimizers={"generator": adam, "discriminator": adam}, schedule=Constant(),
    n_critic=2, ema=0.9, max_grad_norm=None, seed=3,
)
data = Gaussians("ring", None, None, None, num_samples=640, batch_size=8, minibatches=2, seed=3)
Trainer(
    accelerator="cpu", devices=2, strategy=AdversarialDDP("unused", timeout_hours=1), max_steps=6, callbacks=[Tell()],
    logger=False, enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
    use_distributed_sampler=False,
).fit(game, data)
"""


def test_ranks_have_their_own_data_and_noise_and_end_with_equal_weights(tmp_path: Path) -> None:
    script = tmp_path / "rank.py"
    script.write_text(RANK)
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(CHECKOUT)}
    call = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"]
    done = subprocess.run(
        [*call, str(script), str(tmp_path)], env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    first, second = ((tmp_path / f"rank{rank}").read_text().split() for rank in range(2))
    assert first[0] == second[0]  # weights
    assert first[1] != second[1]  # data
    assert first[2] != second[2]  # noise
