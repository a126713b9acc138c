"""Multilayer perceptrons."""

from math import sqrt

import pytest
import torch
from torch.nn.functional import leaky_relu

from gan_lightning.errors import UsageError
from gan_lightning.networks.mlp import Discriminator, Generator


def count(network: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_the_generator_of_points_has_the_weights_and_biases_of_its_layers():
    expected = (2 * 128 + 128) + 2 * (128 * 128 + 128) + (128 * 2 + 2)
    assert count(Generator((2,), latent_dim=2, width=128, depth=3, activation="relu", norm="none")) == expected


def test_the_discriminator_of_points_has_the_weights_and_biases_of_its_layers():
    expected = (2 * 128 + 128) + 2 * (128 * 128 + 128) + (128 + 1)
    assert count(Discriminator((2,), width=128, depth=3, activation="relu", norm="none")) == expected


def test_a_batch_norm_takes_the_place_of_every_hidden_bias():
    expected = (784 * 8 + 2 * 8) + (8 * 8 + 2 * 8) + (8 + 1)
    assert count(Discriminator((1, 28, 28), width=8, depth=2, activation="relu", norm="batch")) == expected


@pytest.mark.parametrize("shape", [(2,), (1, 28, 28), (3, 32, 32), (1, 5, 9)])
def test_any_shape_can_be_made_and_judged(shape: tuple[int, ...]):
    generator = Generator(shape, latent_dim=3, width=4, depth=1, activation="tanh", norm="none")
    discriminator = Discriminator(shape, width=4, depth=1, activation="tanh", norm="none")
    samples = generator(torch.randn(6, 3))
    assert samples.shape == (6, *shape)
    assert discriminator(samples).shape == (6,)


def test_images_lie_between_minus_one_and_one_and_points_anywhere():
    latents = 1e3 * torch.randn(16, 2)
    images = Generator((1, 8, 8), latent_dim=2, width=8, depth=1, activation="relu", norm="none")(latents)
    assert images.min() >= -1 and images.max() <= 1
    points = Generator((2,), latent_dim=2, width=8, depth=1, activation="relu", norm="none")(latents)
    assert points.abs().max() > 10


def test_one_hidden_layer_is_two_affine_maps_around_the_activation():
    discriminator = Discriminator((1, 2, 3), width=4, depth=1, activation="leaky_relu", norm="none")
    w, b, v, c = discriminator.parameters()
    images = torch.randn(5, 1, 2, 3)
    expected = leaky_relu(images.reshape(5, 6) @ w.T + b, 0.2) @ v[0] + c
    torch.testing.assert_close(discriminator(images), expected)


@pytest.mark.parametrize("norm", ["none", "spectral"])
def test_weights_start_uniform_within_one_over_the_root_of_the_inputs(norm: str):
    network = Discriminator((64,), width=100, depth=2, activation="relu", norm=norm)
    weights = [parameter for parameter in network.parameters() if parameter.dim() == 2]
    assert [weight.shape for weight in weights] == [(100, 64), (100, 100), (1, 100)]
    for weight in weights[:2]:
        bound = 1 / sqrt(weight.shape[1])
        assert 0.99 * bound < weight.abs().max() <= bound
        assert weight.std().item() == pytest.approx(bound / sqrt(3), rel=0.05)


def test_a_discriminator_of_spectral_layers_is_1_lipschitz():
    discriminator = Discriminator((8,), width=16, depth=2, activation="relu", norm="spectral")
    for _ in range(50):
        discriminator(torch.randn(1, 8))
    points = torch.randn(64, 8, requires_grad=True)
    (gradient,) = torch.autograd.grad(discriminator(points).sum(), points)
    assert 0 < gradient.norm(dim=1).max() <= 1 + 1e-3


@pytest.mark.parametrize("knob", ["latent_dim", "width", "depth"])
def test_a_size_below_one_names_its_key(knob: str):
    sizes = {"latent_dim": 2, "width": 2, "depth": 2, knob: 0}
    with pytest.raises(UsageError) as raised:
        Generator((2,), **sizes, activation="relu", norm="none")
    assert str(raised.value) == f"network.generator.{knob} is 0: set it to 1 or more"


def test_the_discriminator_names_its_own_key():
    with pytest.raises(UsageError, match="^network.discriminator.width is -1: set it to 1 or more$"):
        Discriminator((2,), width=-1, depth=1, activation="relu", norm="none")


def test_instance_norm_and_unknown_names_are_refused():
    with pytest.raises(UsageError, match="^norm=instance normalises each map"):
        Generator((1, 28, 28), latent_dim=2, width=16, depth=1, activation="relu", norm="instance")
    with pytest.raises(UsageError, match="^norm=bach isn't known"):
        Discriminator((2,), width=16, depth=1, activation="relu", norm="bach")
    with pytest.raises(UsageError, match="^activation=rely isn't known"):
        Discriminator((2,), width=16, depth=1, activation="rely", norm="none")
