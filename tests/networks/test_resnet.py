"""The residual networks of SNGAN and WGAN-GP."""

from math import sqrt

import pytest
import torch
from torch import nn
from torch.nn.functional import avg_pool2d, conv2d, interpolate, relu

from gan_lightning.errors import UsageError
from gan_lightning.networks.resnet import Discriminator, Generator


def count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_the_generator_at_32_px_is_sngans_but_for_the_biases_that_a_batch_norm_takes_away():
    dense = (128 + 1) * 4 * 4 * 256
    block = 2 * 256 + 9 * 256 * 256 + 2 * 256 + (9 * 256 + 1) * 256 + (256 + 1) * 256
    expected = dense + 3 * block + 2 * 256 + (9 * 256 + 1) * 3
    assert expected == 4_275_971  # and 256 more a block with a bias before every norm, as in SNGAN's code
    assert count(Generator((3, 32, 32), latent_dim=128, width=256, norm="batch")) == expected


def test_the_discriminator_at_32_px_is_sngans():
    convolution, shortcut = (9 * 128 + 1) * 128, (128 + 1) * 128
    first = (9 * 3 + 1) * 128 + convolution + (3 + 1) * 128
    expected = first + (2 * convolution + shortcut) + 2 * 2 * convolution + (128 + 1)
    assert expected == 1_053_825
    assert count(Discriminator((3, 32, 32), width=128, norm="none")) == expected
    assert count(Discriminator((3, 32, 32), width=128, norm="spectral")) == expected


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("side", [8, 28, 32, 64])
def test_images_of_any_such_size_are_made_in_range_and_judged(side: int, channels: int):
    shape = (channels, side, side)
    images = Generator(shape, latent_dim=6, width=4, norm="batch")(1e3 * torch.randn(3, 6))
    assert images.shape == (3, *shape)
    assert images.min() >= -1 and images.max() <= 1
    assert Discriminator(shape, width=4, norm="none")(images).shape == (3,)


@pytest.mark.parametrize(
    ("side", "innermost", "halving"),
    [(8, 4, 1), (16, 8, 1), (28, 7, 2), (32, 8, 2), (40, 5, 3), (48, 6, 3), (64, 8, 3), (128, 8, 4)],
)
def test_the_discriminator_halves_down_to_8_px_or_less_and_then_has_two_plain_blocks(side, innermost, halving):
    blocks = Discriminator((1, side, side), width=2, norm="none").blocks
    assert len(blocks) == halving + 2 + 1  # and the ReLU
    assert blocks(torch.randn(1, 1, side, side)).shape == (1, 2, innermost, innermost)


def test_the_discriminators_first_two_blocks_are_the_papers_equations():
    """With the 1 x 1 convolution where the authors have it: before the pooling, except in the first block."""
    blocks = Discriminator((3, 32, 32), width=4, norm="none").blocks[:2]
    a, a0, b, b0, s, s0, c, c0, d, d0, t, t0 = blocks.parameters()
    x = torch.randn(2, 3, 32, 32)
    h = conv2d(relu(conv2d(x, a, a0, padding=1)), b, b0, padding=1)
    first = avg_pool2d(h, 2) + conv2d(avg_pool2d(x, 2), s, s0)
    h = conv2d(relu(conv2d(relu(first), c, c0, padding=1)), d, d0, padding=1)
    expected = avg_pool2d(h, 2) + avg_pool2d(conv2d(first, t, t0), 2)
    torch.testing.assert_close(blocks(x), expected, rtol=1e-4, atol=1e-5)


def test_the_generators_block_is_the_papers_equation():
    block = Generator((1, 8, 8), latent_dim=2, width=4, norm="none").layers[2]
    a, a0, b, b0, s, s0 = block.parameters()
    x = torch.randn(2, 4, 4, 4)
    h = conv2d(relu(conv2d(interpolate(relu(x), scale_factor=2), a, a0, padding=1)), b, b0, padding=1)
    expected = h + conv2d(interpolate(x, scale_factor=2), s, s0)
    torch.testing.assert_close(block(x), expected, rtol=1e-4, atol=1e-5)


def test_a_logit_is_the_dense_layer_of_the_sum_over_pixels():
    discriminator = Discriminator((1, 16, 16), width=4, norm="none")
    with torch.no_grad():
        discriminator.dense.weight.fill_(2)
        discriminator.dense.bias.fill_(3)
    images = torch.randn(2, 1, 16, 16)
    expected = 2 * discriminator.blocks(images).sum((1, 2, 3)) + 3
    torch.testing.assert_close(discriminator(images), expected)


@pytest.mark.parametrize("norm", ["none", "spectral", "batch"])
def test_weights_start_xavier_uniform_with_gain_root_two_in_residual_branches(norm: str):
    checked = 0
    for network in (Generator((3, 16, 16), 24, 32, norm), Discriminator((3, 16, 16), 32, norm)):
        for name, parameter in network.named_parameters():
            if parameter.dim() == 1:
                assert name.endswith("bias") is not parameter.any().item()  # biases 0, the norms' gains 1
                continue
            outputs, inputs, area = *parameter.shape[:2], parameter[0, 0].numel()
            gain = sqrt(2) if "residual" in name else 1
            bound = gain * sqrt(6 / (area * (inputs + outputs)))
            assert parameter.abs().max() <= bound
            # a uniform's sample deviation has the standard error sqrt(0.2 / n) of itself
            error = sqrt(0.2 / parameter.numel())
            assert parameter.std().item() == pytest.approx(bound / sqrt(3), rel=4 * error), name
            checked += 1
    assert checked == (1 + 2 * 3 + 1) + (3 + 2 * 2 + 1)


def test_spectral_norm_holds_every_layer_of_the_discriminator():
    discriminator = Discriminator((1, 16, 16), width=4, norm="spectral")
    for _ in range(100):
        discriminator(torch.randn(1, 1, 16, 16))
    layers = [module for module in discriminator.modules() if isinstance(module, nn.Conv2d | nn.Linear)]
    assert len(layers) == 3 + 2 * 2 + 1
    for layer in layers:
        largest = torch.linalg.matrix_norm(layer.weight.flatten(1), ord=2).item()
        assert largest == pytest.approx(1, abs=1e-2)


def test_the_generator_ends_with_norm_activation_convolution_and_tanh():
    ending = Generator((3, 16, 16), latent_dim=2, width=4, norm="batch").layers[-4:]
    assert [type(module) for module in ending] == [nn.BatchNorm2d, nn.ReLU, nn.Conv2d, nn.Tanh]


def test_norms_come_before_the_activations_but_never_on_pixels():
    first, plain = (Discriminator((3, 16, 16), width=4, norm="layer").blocks[i].residual for i in (0, 1))
    assert [type(module) for module in first] == [nn.Conv2d, nn.ReLU, nn.Conv2d, nn.AvgPool2d]
    assert [type(module) for module in plain] == [nn.GroupNorm, nn.ReLU, nn.Conv2d] * 2


def test_what_cannot_be_built_is_refused_by_both_players():
    for build in (
        lambda shape, norm, width: Generator(shape, latent_dim=2, width=width, norm=norm),
        lambda shape, norm, width: Discriminator(shape, width=width, norm=norm),
    ):
        with pytest.raises(UsageError, match=r"^network=resnet makes images, but the data has shape \(2,\): use netw"):
            build((2,), "batch", 16)
        with pytest.raises(UsageError, match="^network=resnet makes square images, but the data has shape "):
            build((3, 32, 48), "batch", 16)
        with pytest.raises(UsageError, match="^norm=bach isn't known"):
            build((3, 32, 32), "bach", 16)
        with pytest.raises(UsageError, match="^norm=group takes 16 channels a group, but a layer has 40: "):
            build((3, 32, 32), "group", 40)
        with pytest.raises(UsageError, match=r"^network\.\w+\.width is 0: set it to 1 or more$"):
            build((3, 32, 32), "batch", 0)
