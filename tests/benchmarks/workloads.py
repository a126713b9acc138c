"""The games that are timed; imports no torch."""

from dataclasses import dataclass


@dataclass
class Workload:
    """A game, how its peer is called, and how many iterations a block has."""

    overrides: list[str]
    peer: str
    block: int
    size: int | None = None
    """Of the tutorial's images, where there is a tutorial."""


def _points(model: str, width: int) -> list[str]:
    sizes = [f"network.{player}.width={width}" for player in ("generator", "discriminator")]
    return [f"model={model}", "data=gaussians", "data.batch_size=256", *sizes]


PERCEPTRON = ["network.generator.width=512", "network.discriminator.width=512", "network.generator.latent_dim=100"]
TUTORIAL = ["data=mnist", "data.size=64", "data.download=false", "data.batch_size=64"]
WORKLOADS = {
    "ring_r1": Workload(_points("r1gan", 64), "r1gan", 100),
    "ring_128": Workload(_points("wgan_gp", 128), "wgan_gp", 30),
    "ring_512": Workload(_points("wgan_gp", 512), "wgan_gp", 5),
    "mnist_mlp": Workload(
        ["model=gan", "data=mnist", "data.download=false", "network=mlp", *PERCEPTRON], "gan", 100, 28
    ),
    "mnist_dcgan": Workload(["model=dcgan", *TUTORIAL], "gan", 6, 64),
    "mnist_wgan_gp": Workload(["model=wgan_gp", *TUTORIAL], "wgan_gp", 1),
    "dcgan_32": Workload(["model=dcgan", "data=mnist", "data.size=32", "data.download=false"], "gan", 20),
    "resnet_wgan_gp": Workload(
        [
            *("model=wgan_gp", "data=mnist", "data.size=32", "data.download=false", "network=resnet"),
            *("network.generator.width=64", "network.discriminator.width=64", "network.discriminator.norm=none"),
        ],
        *("wgan_gp", 1),
    ),
}
