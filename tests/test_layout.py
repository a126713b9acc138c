"""How images, weights and what optimizers keep lie in memory."""

import copy

import pytest
import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from gan_lightning.layout import follow_layout, in_order, lay_out

LAYOUTS = [torch.contiguous_format, torch.channels_last]
LAST = torch.channels_last


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@pytest.mark.parametrize("found", LAYOUTS, ids=str)
@pytest.mark.parametrize("shape", [(2, 3, 4, 5), (2, 1, 4, 5), (2, 3, 1, 1), (1, 1, 1, 1), (2, 1, 1, 3), (0, 1, 4, 4)])
def test_strides_are_those_of_the_layout_also_of_one_channel_or_pixel(
    shape: tuple[int, ...], found: torch.memory_format, layout: torch.memory_format
):
    maps = in_order(torch.randn(shape), found)
    laid = in_order(maps, layout)
    assert torch.equal(laid, maps)
    assert laid.stride() == torch.empty(shape, memory_format=layout).stride()


def test_what_lies_in_order_is_not_copied():
    maps = torch.randn(2, 1, 4, 5)
    for layout in (LAST, torch.contiguous_format):
        maps = in_order(maps, layout)
        assert in_order(maps, layout).data_ptr() == maps.data_ptr()
    assert in_order(maps, LAST).data_ptr() == maps.data_ptr(), "one channel lies as it may"


def test_maps_of_grey_images_lie_pixel_by_pixel_there_and_back():
    network = nn.Sequential(nn.Conv2d(1, 8, 4, 2, 1), nn.LeakyReLU(), nn.ConvTranspose2d(8, 1, 4, 2, 1))
    lay_out(network, LAST)
    maps, gradients = network[0](torch.randn(2, 1, 8, 8)), []
    maps.register_hook(gradients.append)
    network[2](network[1](maps)).sum().backward()
    for found in (maps, *gradients):
        assert found.is_contiguous(memory_format=LAST) and not found.is_contiguous()


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_weights_and_their_gradients_lie_as_asked_and_stay_the_same_parameters(layout: torch.memory_format):
    network = nn.Sequential(nn.Conv2d(1, 8, 3), nn.Conv2d(8, 4, 1), spectral_norm(nn.Conv2d(4, 1, 3)))
    lay_out(network, LAST)  # and perhaps back
    before = list(network.parameters())
    values = [weight.detach().clone() for weight in before]
    lay_out(network, layout)
    network(torch.randn(2, 1, 8, 8)).sum().backward()
    for old, value, weight in zip(before, values, network.parameters(), strict=True):
        assert weight is old and torch.equal(weight, value)
        if weight.dim() == 4:
            expected = torch.empty(weight.shape, memory_format=layout).stride()
            assert weight.stride() == expected and torch.empty_like(weight).stride() == expected
            assert weight.grad.is_contiguous(memory_format=layout)


@pytest.mark.parametrize("fused", [True, False])
def test_a_step_behind_a_checkpoint_of_another_layout_is_the_same_step(fused: bool):
    weights = [nn.Parameter(torch.randn(4, 3, 3, 3))]
    weights.append(nn.Parameter(weights[0].detach().clone(memory_format=torch.channels_last)))
    adams = [torch.optim.Adam([weight], lr=0.1, fused=fused) for weight in weights]
    gradients = [torch.randn(4, 3, 3, 3) for _ in range(2)]
    weights[0].grad = gradients[0].clone()
    adams[0].step()
    adams[1].load_state_dict(copy.deepcopy(adams[0].state_dict()))
    weights[1].data.copy_(weights[0].data)
    follow_layout(adams)
    for weight, adam in zip(weights, adams, strict=True):
        weight.grad = torch.empty_like(weight).copy_(gradients[1])
        adam.step()
    torch.testing.assert_close(*weights)
