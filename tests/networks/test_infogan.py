"""InfoGAN's networks for MNIST."""

import pytest
import torch
from torch import nn

from gan_lightning.errors import UsageError
from gan_lightning.networks.infogan import Discriminator, Generator


def count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_at_28_px_the_generator_is_the_papers():
    generator = Generator((1, 28, 28), latent_dim=74, width=64, hidden=1024, norm="batch")
    dense = 74 * 1024 + 2 * 1024 + 1024 * 128 * 49 + 2 * 128 * 49
    assert count(generator) == dense + 16 * 128 * 64 + 2 * 64 + 16 * 64 + 1
    kinds = [type(module) for module in generator.layers]
    assert kinds == [
        *[nn.Linear, nn.BatchNorm1d, nn.ReLU] * 2,
        *[nn.Unflatten, nn.ConvTranspose2d, nn.BatchNorm2d, nn.ReLU, nn.ConvTranspose2d, nn.Tanh],
    ]


def test_at_28_px_the_discriminator_is_the_papers():
    discriminator = Discriminator((1, 28, 28), width=64, hidden=1024, norm="batch")
    convolutions = 16 * 64 + 64 + 16 * 64 * 128 + 2 * 128
    assert count(discriminator) == convolutions + 128 * 49 * 1024 + 2 * 1024 + 1024 + 1
    assert discriminator.feature_dim == 1024
    slopes = [module.negative_slope for module in discriminator.layers if isinstance(module, nn.LeakyReLU)]
    assert slopes == [0.1] * 3


@pytest.mark.parametrize("side", [8, 28, 32, 64])
def test_images_of_any_such_size_are_made_in_range_and_judged(side: int):
    images = Generator((3, side, side), latent_dim=6, width=4, hidden=8, norm="batch")(1e3 * torch.randn(3, 6))
    assert images.shape == (3, 3, side, side)
    assert images.min() >= -1 and images.max() <= 1
    assert Discriminator((3, side, side), width=4, hidden=8, norm="layer")(images).shape == (3,)


def test_weights_start_as_in_dcgan():
    for network in (Generator((1, 28, 28), 74, 16, 256, "none"), Discriminator((1, 28, 28), 16, 256, "none")):
        kernels = [parameter for parameter in network.parameters() if parameter.dim() > 1]
        assert len(kernels) == 4
        for kernel in kernels:
            assert kernel.std().item() == pytest.approx(0.02, rel=0.2)
        assert not any(parameter.any() for parameter in network.parameters() if parameter.dim() == 1)


def test_what_cannot_be_built_is_refused():
    with pytest.raises(UsageError, match="^network=infogan makes images"):
        Generator((2,), 2, 4, 8, "batch")
    with pytest.raises(UsageError, match=r"^network\.discriminator\.hidden is 0: set it to 1 or more"):
        Discriminator((1, 28, 28), 4, 0, "batch")
