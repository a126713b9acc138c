"""Norms and activations by name."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from gan_lightning.errors import UsageError
from gan_lightning.networks.layers import activate, constrain, normalise_maps, normalise_vectors, takes_bias
from gan_lightning.networks.limits import NORMS


def test_batch_norm_has_the_moments_of_the_batch_in_every_channel():
    maps = torch.randn(8, 3, 5, 5) * 3 + 2
    (norm,) = normalise_maps("batch", 3)
    assert_standardised(norm(maps), over=(0, 2, 3))
    (norm,) = normalise_vectors("batch", 3)
    assert_standardised(norm(torch.randn(64, 3) * 3 + 2), over=(0,))


def test_instance_norm_has_the_moments_of_every_map_and_an_affine_a_channel():
    (norm,) = normalise_maps("instance", 3)
    assert_standardised(norm(torch.randn(8, 3, 5, 5) * 3 + 2), over=(2, 3))
    assert {name: len(p) for name, p in norm.named_parameters()} == {"weight": 3, "bias": 3}


def test_layer_norm_of_maps_is_over_the_whole_sample_with_an_affine_a_channel():
    (norm,) = normalise_maps("layer", 3)
    assert_standardised(norm(torch.randn(8, 3, 5, 5) * 3 + 2), over=(1, 2, 3))
    assert {name: len(p) for name, p in norm.named_parameters()} == {"weight": 3, "bias": 3}


def test_layer_norm_of_vectors_is_over_the_vector():
    (norm,) = normalise_vectors("layer", 40)
    assert_standardised(norm(torch.randn(8, 40) * 3 + 2), over=(1,))


def test_group_norm_is_over_sixteen_channels():
    (norm,) = normalise_maps("group", 48)
    assert_standardised(norm(torch.randn(8, 48, 5, 5) * 3 + 2).view(8, 3, 16, 5, 5), over=(2, 3, 4))
    (norm,) = normalise_vectors("group", 48)
    assert_standardised(norm(torch.randn(8, 48) * 3 + 2).view(8, 3, 16), over=(2,))


@pytest.mark.parametrize("norm", ["spectral", "none"])
def test_spectral_and_none_add_no_layer(norm: str):
    assert normalise_maps(norm, 3) == normalise_vectors(norm, 3) == []


@pytest.mark.parametrize(
    ("build", "outputs"),
    [
        (lambda: nn.Linear(6, 9), 0),
        (lambda: nn.Conv2d(3, 8, 4, 2, 1), 0),
        (lambda: nn.ConvTranspose2d(8, 3, 4, 2, 1), 1),  # its weight is (inputs, outputs, 4, 4)
    ],
    ids=["linear", "conv", "transposed"],
)
def test_a_spectral_layer_has_largest_singular_value_one(build: Callable[[], nn.Linear], outputs: int):
    layer = build()
    with torch.no_grad():
        layer.weight.mul_(7)
    constrain(layer, "spectral")
    for _ in range(200):  # each access in training mode is one step of the power iteration
        weight = layer.weight
    largest = torch.linalg.matrix_norm(weight.transpose(0, outputs).flatten(1), ord=2)
    assert largest.item() == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("norm", [norm for norm in NORMS if norm != "spectral"])
def test_only_spectral_changes_the_layer_itself(norm: str):
    layer = nn.Linear(3, 4)
    before = layer.weight
    assert constrain(layer, norm) is layer and layer.weight is before


@pytest.mark.parametrize("norm", ["batch", "instance", "layer", "group"])
def test_a_norm_goes_without_a_bias_exactly_if_it_would_cancel_it(norm: str):
    maps, bias = torch.randn(4, 16, 5, 5), torch.randn(1, 16, 1, 1)
    (module,) = normalise_maps(norm, 16)
    cancelled = torch.allclose(module(maps + bias), module(maps), atol=1e-4)
    assert takes_bias(norm) is not cancelled


def test_activations_are_the_functions_of_their_names():
    x = torch.tensor([-2.0, 0.0, 2.0])
    expected = {
        "relu": x.clamp(min=0),
        "leaky_relu": torch.tensor([-0.4, 0.0, 2.0]),
        "elu": torch.where(x > 0, x, x.exp() - 1),
        "tanh": x.tanh(),
        "silu": x / (1 + (-x).exp()),
        "gelu": x * (1 + torch.erf(x / 2**0.5)) / 2,
    }
    for name, value in expected.items():
        torch.testing.assert_close(activate(name)(x.clone()), value)


def test_an_unknown_activation_is_answered_with_the_known_ones():
    message = (
        "activation=swish isn't known: set network.generator.activation and network.discriminator.activation to "
        "relu, leaky_relu, elu, tanh, silu, gelu"
    )
    with pytest.raises(UsageError) as raised:
        activate("swish")
    assert str(raised.value) == message


def test_an_unknown_norm_is_answered_with_the_known_ones_wherever_it_is_met():
    message = (
        "norm=weight isn't known: set network.generator.norm or network.discriminator.norm to one of "
        "batch, instance, layer, group, spectral, none"
    )
    for meet in (
        lambda: normalise_maps("weight", 4),
        lambda: normalise_vectors("weight", 4),
        lambda: constrain(nn.Linear(1, 1), "weight"),
    ):
        with pytest.raises(UsageError) as raised:
            meet()
        assert str(raised.value) == message


def test_instance_norm_refuses_vectors():
    with pytest.raises(UsageError, match="^norm=instance normalises each map, and vectors have none: choose layer as "):
        normalise_vectors("instance", 16)


def test_group_norm_refuses_a_width_that_sixteen_does_not_divide():
    expected = "^norm=group takes 16 channels a group, but a layer has 40: make the width a multiple of 16, "
    for normalise in (normalise_maps, normalise_vectors):
        with pytest.raises(UsageError, match=expected):
            normalise("group", 40)


def assert_standardised(values: Tensor, over: tuple[int, ...]) -> None:
    mean, variance = values.mean(over), values.var(over, correction=0)
    torch.testing.assert_close(mean, torch.zeros_like(mean), atol=1e-5, rtol=0)
    torch.testing.assert_close(variance, torch.ones_like(variance), atol=1e-4, rtol=0)
