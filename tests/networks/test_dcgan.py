"""DCGAN's networks."""

from math import sqrt

import pytest
import torch
from torch import nn

from gan_lightning.errors import UsageError
from gan_lightning.networks.dcgan import Discriminator, Generator


def count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_the_generator_at_64_px_is_the_tutorials_to_the_parameter():
    convolutions = 16 * (100 * 512 + 512 * 256 + 256 * 128 + 128 * 64 + 64 * 3)
    norms = 2 * (512 + 256 + 128 + 64)
    assert convolutions + norms == 3_576_704  # what pytorch/tutorials' dcgan_faces_tutorial.py has
    assert count(Generator((3, 64, 64), latent_dim=100, width=64, norm="batch")) == 3_576_704


def test_the_discriminator_at_64_px_is_the_tutorials_to_the_parameter():
    convolutions = 16 * (3 * 64 + 64 * 128 + 128 * 256 + 256 * 512 + 512 * 1)
    norms = 2 * (128 + 256 + 512)  # none after the input layer
    assert convolutions + norms == 2_765_568
    assert count(Discriminator((3, 64, 64), width=64, norm="batch")) == 2_765_568


def test_at_28_px_the_innermost_maps_are_7_px():
    assert count(Generator((1, 28, 28), latent_dim=10, width=8, norm="batch")) == (
        49 * 10 * 16 + 2 * 16 + 16 * 16 * 8 + 2 * 8 + 16 * 8 * 1
    )
    assert count(Discriminator((1, 28, 28), width=8, norm="batch")) == 16 * 1 * 8 + 16 * 8 * 16 + 2 * 16 + 49 * 16


@pytest.mark.parametrize("norm", ["none", "spectral"])
def test_without_a_norm_that_centres_every_layer_but_the_last_has_a_bias(norm: str):
    generator = Generator((1, 16, 16), latent_dim=5, width=4, norm=norm)
    assert count(generator) == 16 * (5 * 8 + 8 * 4 + 4 * 1) + (8 + 4)
    discriminator = Discriminator((1, 16, 16), width=4, norm=norm)
    assert count(discriminator) == 16 * (1 * 4 + 4 * 8 + 8 * 1) + (4 + 8)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("side", [8, 28, 32, 48, 64])
def test_images_of_any_such_size_are_made_in_range_and_judged(side: int, channels: int):
    shape = (channels, side, side)
    images = Generator(shape, latent_dim=6, width=4, norm="batch")(1e3 * torch.randn(3, 6))
    assert images.shape == (3, *shape)
    assert images.min() >= -1 and images.max() <= 1
    assert Discriminator(shape, width=4, norm="layer")(images).shape == (3,)


@pytest.mark.parametrize("norm", ["batch", "instance", "layer", "spectral", "none"])
def test_weights_start_normal_with_deviation_one_fiftieth(norm: str):
    for network in (Generator((3, 16, 16), 20, 32, norm), Discriminator((3, 16, 16), 32, norm)):
        kernels = [parameter.flatten() for parameter in network.parameters() if parameter.dim() == 4]
        assert len(kernels) == 3
        for kernel in kernels:
            error = 1 / sqrt(len(kernel))  # the standard error of the mean, and sqrt(2) times the deviation's
            assert kernel.mean().item() == pytest.approx(0, abs=0.02 * 4 * error)
            assert kernel.std().item() == pytest.approx(0.02, rel=4 * error / sqrt(2))


@pytest.mark.parametrize("norm", ["batch", "instance", "layer"])
def test_norms_start_with_gain_near_one_and_biases_at_zero(norm: str):
    network = Generator((3, 16, 16), latent_dim=2, width=128, norm=norm)
    vectors = {name: parameter for name, parameter in network.named_parameters() if parameter.dim() == 1}
    gains = torch.cat([parameter for name, parameter in vectors.items() if name.endswith("weight")])
    assert len(gains) == 256 + 128
    assert gains.mean().item() == pytest.approx(1, abs=0.02 * 4 / sqrt(384))
    assert gains.std().item() == pytest.approx(0.02, rel=4 / sqrt(2 * 384))
    assert all(not parameter.any() for name, parameter in vectors.items() if name.endswith("bias"))


def test_no_norm_follows_the_discriminators_input_or_the_generators_output():
    generator = [type(module) for module in Generator((1, 16, 16), 2, 4, "batch").layers]
    assert generator == [nn.ConvTranspose2d, nn.BatchNorm2d, nn.ReLU] * 2 + [nn.ConvTranspose2d, nn.Tanh]
    discriminator = Discriminator((1, 16, 16), 4, "batch").layers
    expected = [nn.Conv2d, nn.LeakyReLU, nn.Conv2d, nn.BatchNorm2d, nn.LeakyReLU, nn.Conv2d]
    assert [type(module) for module in discriminator] == expected
    assert [module.negative_slope for module in discriminator if isinstance(module, nn.LeakyReLU)] == [0.2, 0.2]


def test_spectral_norm_holds_every_layer_of_the_discriminator():
    discriminator = Discriminator((1, 16, 16), width=4, norm="spectral")
    for _ in range(100):
        discriminator(torch.randn(1, 1, 16, 16))
    convolutions = [module for module in discriminator.layers if isinstance(module, nn.Conv2d)]
    assert len(convolutions) == 3
    for convolution in convolutions:
        largest = torch.linalg.matrix_norm(convolution.weight.flatten(1), ord=2).item()
        assert largest == pytest.approx(1, abs=1e-2)


def test_what_cannot_be_built_is_refused_by_both_players():
    for build in (
        lambda shape, norm, width: Generator(shape, latent_dim=2, width=width, norm=norm),
        lambda shape, norm, width: Discriminator(shape, width=width, norm=norm),
    ):
        with pytest.raises(UsageError, match=r"^network=dcgan makes images, but the data has shape \(2,\): use netw"):
            build((2,), "batch", 16)
        with pytest.raises(UsageError, match="^network=dcgan can't make images of 100 x 100 px: resize the data to 96"):
            build((3, 100, 100), "batch", 16)
        with pytest.raises(UsageError, match="^norm=bach isn't known"):
            build((3, 8, 8), "bach", 16)
        with pytest.raises(UsageError, match="^norm=group takes 16 channels a group, but a layer has 20: "):
            build((3, 16, 16), "group", 10)
        with pytest.raises(UsageError, match=r"^network\.\w+\.width is 0: set it to 1 or more$"):
            build((3, 32, 32), "batch", 0)
