"""The games that are timed; imports no torch. With TINY in the environment they are just enough to see a script run."""

import os
from dataclasses import dataclass, replace

import pictures

TINY = bool(os.environ.get("TINY"))
LEAST = 8
"""Samples in a batch, and channels of a layer, where everything is tiny."""


@dataclass
class Workload:
    """A game, how its peer is called, and how many iterations a block has.

    That is a second's or less, or one, because a machine's speed drifts from one block to the next.
    """

    overrides: list[str]
    peer: str
    block: int
    size: int | None = None
    """Of images as torchvision loads them, where someone plays with such."""
    others: tuple[str, ...] = ()
    """Who does: the tutorial, and frameworks of `adapters.py`."""
    noise: int | None = None
    """Pictures of it, where it plays on such."""

    def command(self) -> list[str]:
        """What a command line has to say; the pictures are made where they aren't there yet."""
        return [*self.overrides, *([] if self.noise is None else pictures.overrides(self.noise))]


def sized(workload: Workload) -> Workload:
    """As it is, or as small as can be."""
    smallest = [*_width(LEAST), f"data.batch_size={LEAST}"]
    return replace(workload, overrides=[*workload.overrides, *smallest], block=2) if TINY else workload


def _width(width: int) -> list[str]:
    return [f"network.{player}.width={width}" for player in ("generator", "discriminator")]


def _points(model: str, width: int) -> list[str]:
    return [f"model={model}", "data=gaussians", "data.batch_size=256", *_width(width)]


OTHERS = ("tutorial", "torchgan", "mimicry", "bolts")
IN_PROCESS = "tutorial, no workers"
"""The same, loading images between steps as the perceptrons' own does (eriklindernoren/PyTorch-GAN, gan.py)."""
PERCEPTRON = ["network=mlp", *_width(512), "network.generator.latent_dim=100"]
TUTORIAL = ["data=mnist", "data.size=64", "data.download=false", "data.batch_size=64"]
RESNET = ["network=resnet", *_width(64), "network.discriminator.norm=none"]
FEW = 6400
"""Pictures, twenty iterations of WGAN-GP, a hundred of DCGAN."""
WORKLOADS = {
    "ring_default": Workload([], "r1gan", 20),
    "ring_r1": Workload(_points("r1gan", 64), "r1gan", 50),
    "ring_128": Workload(_points("wgan_gp", 128), "wgan_gp", 10),
    "ring_512": Workload(_points("wgan_gp", 512), "wgan_gp", 2),
    "mnist_mlp": Workload(
        ["model=gan", "data=mnist", "data.download=false", *PERCEPTRON], "gan", 10, 28, (*OTHERS, IN_PROCESS)
    ),
    "mnist_dcgan": Workload(["model=dcgan", *TUTORIAL], "gan", 1, 64, OTHERS),
    "mnist_wgan_gp": Workload(["model=wgan_gp", *TUTORIAL], "wgan_gp", 1),
    "dcgan_32": Workload(["model=dcgan", "data=mnist", "data.size=32", "data.download=false"], "gan", 2),
    "dcgan_cifar": Workload(["model=dcgan"], "gan", 2, noise=FEW),
    "resnet_wgan_gp": Workload(["model=wgan_gp", *RESNET], "wgan_gp", 1, pictures.SIDE, ("mimicry",), FEW),
}
WORKLOADS = {name: sized(workload) for name, workload in WORKLOADS.items()}
