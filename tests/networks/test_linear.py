"""The networks of the linear-Gaussian demonstration."""

import pytest
import torch

from gan_lightning.errors import UsageError
from gan_lightning.networks.linear import Discriminator, Generator


def test_the_generator_is_one_affine_map_of_six_parameters():
    generator = Generator((2,), latent_dim=2)
    weight, bias = generator.parameters()
    assert weight.numel() + bias.numel() == 2 * 2 + 2
    latents = torch.randn(5, 2)
    torch.testing.assert_close(generator(latents), latents @ weight.T + bias)


def test_the_discriminator_is_two_tanh_layers_of_five_and_three():
    discriminator = Discriminator((2,), norm="none")
    a, b, c, d, e, f = discriminator.parameters()
    assert [p.numel() for p in (a, b, c, d, e, f)] == [2 * 5, 5, 5 * 3, 3, 3, 1]
    points = torch.randn(7, 2)
    expected = ((points @ a.T + b).tanh() @ c.T + d).tanh() @ e[0] + f
    torch.testing.assert_close(discriminator(points), expected)


def test_a_batch_norm_takes_the_place_of_every_hidden_bias():
    discriminator = Discriminator((2,), norm="batch")
    expected = (2 * 5 + 2 * 5) + (5 * 3 + 2 * 3) + (3 + 1)
    assert sum(parameter.numel() for parameter in discriminator.parameters()) == expected


@pytest.mark.parametrize("dimensions", [1, 3])
def test_points_may_have_any_dimension(dimensions: int):
    points = Generator((dimensions,), latent_dim=2)(torch.randn(4, 2))
    assert points.shape == (4, dimensions)
    assert Discriminator((dimensions,), norm="layer")(points).shape == (4,)


def test_images_are_refused_by_both_players():
    message = "network=linear makes points, but the data has shape (1, 28, 28): use network=mlp"
    for build in (lambda shape: Generator(shape, latent_dim=2), lambda shape: Discriminator(shape, norm="none")):
        with pytest.raises(UsageError) as raised:
            build((1, 28, 28))
        assert str(raised.value) == message


def test_what_cannot_be_built_is_refused():
    with pytest.raises(UsageError, match="^network.generator.latent_dim is 0: set it to 1 or more$"):
        Generator((2,), latent_dim=0)
    with pytest.raises(UsageError, match="^norm=group takes 16 channels a group, but a layer has 5: "):
        Discriminator((2,), norm="group")
    with pytest.raises(UsageError, match="^norm=instance normalises each map"):
        Discriminator((2,), norm="instance")
