"""`make bench`: an iteration of the framework against the same game written by hand, interleaved in one process.

Prints, for each workload, the median over rounds of both sides' milliseconds an iteration and of their ratio.
Nothing is asserted: machines are noisy, and a time is not a test.
"""

import logging
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from hydra import compose, initialize_config_dir
from torch import nn
from torch.nn.functional import softplus

from gan_lightning.build import build
from gan_lightning.models.assemble import assemble

CONF = Path(__file__).resolve().parent.parent.parent / "conf"
ROUNDS, ITERATIONS, BATCH, WIDTH = 7, 300, 256, 128
WATCHED = ["~callbacks.progress", "~callbacks.hparams"]
BARE = ["callbacks=none", "~callbacks.samples", "logger=none"]


def network(inputs: int, outputs: int) -> nn.Sequential:
    """An MLP of three hidden layers."""
    sizes = [inputs, WIDTH, WIDTH, WIDTH]
    hidden = [m for a, b in zip(sizes, sizes[1:], strict=False) for m in (nn.Linear(a, b), nn.ReLU())]
    return nn.Sequential(*hidden, nn.Linear(WIDTH, outputs))


def r1_by_hand(points: torch.Tensor) -> Callable[[int], None]:
    """The non-saturating game with R1, one discriminator step an iteration, as lean as plain PyTorch has it."""
    generator, discriminator = network(2, 2), network(2, 1)
    players = generator, discriminator
    adams = [torch.optim.Adam(p.parameters(), lr=1e-3, betas=(0.0, 0.9), fused=True) for p in players]

    def train(iterations: int) -> None:
        for _ in range(iterations):
            real = points[torch.randint(len(points), (BATCH,))].requires_grad_()
            with torch.no_grad():
                fake = generator(torch.randn(BATCH, 2))
            logits = discriminator(real)
            (slope,) = torch.autograd.grad(logits.sum(), real, create_graph=True)
            loss = softplus(-logits).mean() + softplus(discriminator(fake)).mean() + 0.1 * slope.square().sum(1).mean()
            adams[1].zero_grad()
            loss.backward()
            adams[1].step()
            discriminator.requires_grad_(False)
            adams[0].zero_grad()
            softplus(-discriminator(generator(torch.randn(BATCH, 2)))).mean().backward()
            adams[0].step()
            discriminator.requires_grad_(True)

    return train


def wgan_gp_by_hand(points: torch.Tensor) -> Callable[[int], None]:
    """WGAN-GP with five critic steps an iteration, as lean as plain PyTorch has it."""
    generator, critic = network(2, 2), network(2, 1)
    adams = [torch.optim.Adam(p.parameters(), lr=1e-4, betas=(0.5, 0.9), fused=True) for p in (generator, critic)]

    def train(iterations: int) -> None:
        for _ in range(iterations):
            for _ in range(5):
                real = points[torch.randint(len(points), (BATCH,))]
                with torch.no_grad():
                    fake = generator(torch.randn(BATCH, 2))
                between = torch.lerp(real, fake, torch.rand(BATCH, 1)).requires_grad_()
                (slope,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
                penalty = 0.1 * (slope.norm(dim=1) - 1).square().mean()
                loss = critic(fake).mean() - critic(real).mean() + penalty
                adams[1].zero_grad()
                loss.backward()
                adams[1].step()
            critic.requires_grad_(False)
            adams[0].zero_grad()
            (-critic(generator(torch.randn(BATCH, 2))).mean()).backward()
            adams[0].step()
            critic.requires_grad_(True)

    return train


def by_framework(overrides: list[str]) -> Callable[[int], None]:
    """The same game as the framework runs it; building is not timed, fitting is."""

    def train(iterations: int) -> None:
        with tempfile.TemporaryDirectory() as folder, initialize_config_dir(str(CONF), version_base="1.3"):
            fixed = [f"folder={folder}", f"trainer.max_steps={iterations}", f"data.batch_size={BATCH}", "metrics=[]"]
            config = compose("config", [*fixed, *overrides])
            data, trainer = build(config.data), _trainer(config)
            trainer.fit(assemble(config.model, data, data.num_classes), data)

    return train


def _trainer(config: Any) -> Any:
    callbacks = [build(node) for node in config.callbacks.values()]
    loggers = [build(node) for node in config.logger.values()]
    return build(config.trainer, callbacks=callbacks, logger=loggers, enable_progress_bar=False)


def seconds(train: Callable[[int], None], iterations: int) -> float:
    start = time.perf_counter()
    train(iterations)
    return time.perf_counter() - start


def marginal(train: Callable[[int], None]) -> float:
    """Milliseconds an iteration without what a run costs once: a long fit less a short one."""
    return (seconds(train, ITERATIONS + 50) - seconds(train, 50)) / ITERATIONS * 1e3


def main() -> None:
    """Time every workload."""
    warnings.filterwarnings("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    torch.set_num_threads(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    with initialize_config_dir(str(CONF), version_base="1.3"):
        points = build(compose("config", ["folder=unused"]).data).train_samples.values
    print(f"torch {torch.__version__}, {torch.get_num_threads()} thread(s), {ROUNDS} rounds of {ITERATIONS} iterations")
    for model, hand in (("r1gan", r1_by_hand(points)), ("wgan_gp", wgan_gp_by_hand(points))):
        for name, extra in (("bare", [*BARE]), ("as shipped, no figures", WATCHED)):
            ours = by_framework([f"model={model}", *extra])
            rounds = [(marginal(ours), marginal(hand)) for _ in range(ROUNDS)]
            framework, by_hand = (statistics.median(side) for side in zip(*rounds, strict=True))
            ratio = statistics.median(a / b for a, b in rounds)
            print(f"{model:8} {name:24} {framework:6.2f} ms, by hand {by_hand:6.2f} ms, ratio {ratio:.2f} (n={ROUNDS})")


if __name__ == "__main__":
    main()
