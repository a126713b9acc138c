"""The training loops of other frameworks, from PyPI, with networks that they are given.

Each has the images from torchvision's loader, as its own examples have, and its callbacks and loggers as they are by
default, but for a progress bar and a summary. What is left out is what happens once an epoch, for the epoch never ends:
whoever gives out the batches also says whose turn it is.
"""

import logging
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import IO, Any
from unittest.mock import MagicMock

import torch
from opponents import Recipe, clock
from torch import Tensor, nn
from torch.utils.data import DataLoader


class Gate:
    """A loader without an end, which holds a framework's loop back between its turns.

    A turn ends where the loop asks for the batch behind its last one, which has been loaded by then.

    Args:
        loader: of the set.
        each: batches that an iteration takes.
        turns: where the iterations of each turn are read from.
        told: where the seconds of each are left.
    """

    def __init__(self, loader: DataLoader[Any], each: int, turns: IO[str], told: IO[str]) -> None:
        self.loader, self.each, self.turns, self.told = loader, each, turns, told
        self.batch_size, self.left = loader.batch_size, 0
        self.begun: float | None = None
        self.batches: Iterator[Any] | None = None

    def __len__(self) -> int:
        """More batches than anybody asks for: behind an epoch, frameworks save."""
        return 10**9

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        batch = self.load()
        if not self.left:
            self.left = self.wait()
        self.left -= 1
        return batch

    def load(self) -> Any:
        """The next batch, of the next pass where one is through."""
        found = None if self.batches is None else next(self.batches, None)
        if found is None:
            self.batches = iter(self.loader)
            found = next(self.batches)
        return found

    def wait(self) -> int:
        """End a turn; the batches of the next."""
        if self.begun is not None:
            print(clock() - self.begun, file=self.told, flush=True)
        line = self.turns.readline()
        if not line:
            self.batches = None  # workers end
            os._exit(0)
        self.begun = clock()
        return int(line) * self.each


def plain(recipe: Recipe) -> torch.device:
    """Have the players as whoever writes them has them, not in the framework's layout; their device."""
    for player in (recipe.generator, recipe.discriminator):
        player.to(memory_format=torch.contiguous_format)
    return next(recipe.generator.parameters()).device


def adam(recipe: Recipe) -> dict[str, Any]:
    """Its settings."""
    return {"lr": recipe.settings["lr"], "betas": recipe.settings["betas"]}


def torchgan(recipe: Recipe, loader: Gate, folder: str) -> None:
    """torchgan's Trainer with its minimax losses, the generator's non-saturating."""
    from torchgan.losses import MinimaxDiscriminatorLoss, MinimaxGeneratorLoss
    from torchgan.models import Discriminator, Generator
    from torchgan.trainer import Trainer

    class OurGenerator(Generator):
        def __init__(self) -> None:
            super().__init__(recipe.generator.latent_dim)
            self.network = recipe.generator

        def forward(self, noise: Tensor) -> Any:
            return self.network(noise)

    class OurDiscriminator(Discriminator):
        def __init__(self) -> None:
            super().__init__(0)
            self.network = recipe.discriminator

        def forward(self, images: Tensor) -> Any:
            return self.network(images)

    optimizer = {"name": torch.optim.Adam, "args": adam(recipe)}
    players = {
        "generator": {"name": OurGenerator, "optimizer": optimizer},
        "discriminator": {"name": OurDiscriminator, "optimizer": optimizer},
    }
    trainer = Trainer(
        players,
        [MinimaxGeneratorLoss(), MinimaxDiscriminatorLoss()],
        device=plain(recipe),
        checkpoints=f"{folder}/model/gan",
        recon=f"{folder}/images",
        log_dir=f"{folder}/logs",
    )
    trainer(loader)


def mimicry(recipe: Recipe, loader: Gate, folder: str) -> None:
    """mimicry's Trainer: with its WGAN-GP where the game has a penalty, else with its non-saturating GAN."""
    for unneeded in ("skimage", "torch_mimicry.metrics", "torch_mimicry.datasets"):  # tensorflow, an old torch
        sys.modules[unneeded] = MagicMock()
    from torch_mimicry.training import Trainer

    if recipe.settings["weight"]:
        from torch_mimicry.nets.wgan_gp.wgan_gp_base import WGANGPBaseDiscriminator as Discriminator
        from torch_mimicry.nets.wgan_gp.wgan_gp_base import WGANGPBaseGenerator as Generator
    else:
        from torch_mimicry.nets.gan.gan import BaseDiscriminator as Discriminator
        from torch_mimicry.nets.gan.gan import BaseGenerator as Generator
    weight, device = recipe.settings["weight"], plain(recipe)
    loss, scale = ("wasserstein", {"gp_scale": weight}) if weight else ("ns", {})

    class OurGenerator(Generator):
        def __init__(self) -> None:
            super().__init__(nz=recipe.generator.latent_dim, ngf=0, bottom_width=0, loss_type=loss)
            self.network = recipe.generator

        def forward(self, noise: Tensor) -> Any:
            return self.network(noise)

    class OurDiscriminator(Discriminator):
        def __init__(self) -> None:
            super().__init__(ndf=0, loss_type=loss, **scale)
            self.network = recipe.discriminator

        def forward(self, images: Tensor) -> Any:
            return self.network(images).unsqueeze(1)

    generator, discriminator = OurGenerator(), OurDiscriminator()
    optimizers = [torch.optim.Adam(player.parameters(), **adam(recipe)) for player in (generator, discriminator)]
    trainer = Trainer(
        netD=discriminator,
        netG=generator,
        optD=optimizers[1],
        optG=optimizers[0],
        dataloader=loader,
        num_steps=10**9,
        log_dir=folder,
        n_dis=recipe.settings["n_critic"],
        device=device,
    )
    trainer.train()


def bolts(recipe: Recipe, loader: Gate, folder: str) -> None:
    """lightning-bolts' DCGAN, in the Lightning that it was written for."""
    from pl_bolts.models.gans import DCGAN
    from pytorch_lightning import Trainer

    class Ours(DCGAN):
        def _get_generator(self) -> nn.Module:
            return nn.Sequential(nn.Flatten(), recipe.generator)

        def _get_discriminator(self) -> nn.Module:
            return nn.Sequential(recipe.discriminator, nn.Sigmoid())

    settings, device = recipe.settings, plain(recipe)
    assert settings["betas"][1] == 0.999  # which it takes for granted
    module = Ours(beta1=settings["betas"][0], latent_dim=recipe.generator.latent_dim, learning_rate=settings["lr"])
    Trainer(
        accelerator={"cuda": "gpu"}.get(device.type, device.type),
        devices=1,
        default_root_dir=folder,
        enable_progress_bar=False,
        enable_model_summary=False,
    ).fit(module, loader)


FRAMEWORKS: dict[str, Callable[[Recipe, Gate, str], None]] = {"torchgan": torchgan, "mimicry": mimicry, "bolts": bolts}
MODULES: dict[str, str] = {"torchgan": "torchgan", "mimicry": "torch_mimicry", "bolts": "pl_bolts"}


def play(recipe: Recipe, loader: DataLoader[Any], folder: str) -> None:
    """Have turns until stdin ends; what is saved and logged goes into the folder."""
    told = os.fdopen(os.dup(1), "w")
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)  # frameworks talk, and have their warnings shown whatever was set
    warnings.showwarning = lambda *warning: None
    logging.disable(logging.WARNING)
    gate = Gate(loader, recipe.settings["n_critic"], sys.stdin, told)
    FRAMEWORKS[recipe.loop](recipe, gate, folder)
