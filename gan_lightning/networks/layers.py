"""What the families share: normalisation and activation by name, and layers that a condition can reach.

A norm is a name: `batch`, `instance`, `layer`, `group` follow a layer, `spectral` is a constraint on the layer's own
weight, `none` is nothing. So a network writes `constrain(layer, norm)` and then `*normalise_maps(norm, channels)`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from typing import TypeVar, final

from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from gan_lightning.networks.limits import (
    GROUP,
    check_activation,
    check_norm,
    check_norm_of_maps,
    check_norm_of_vectors,
)

_LayerT = TypeVar("_LayerT", bound=nn.Module)


def _group_norm(channels: int) -> nn.Module:
    return nn.GroupNorm(channels // GROUP, channels)


_ON_VECTORS: dict[str, Callable[[int], nn.Module]] = {
    "batch": nn.BatchNorm1d,
    "layer": nn.LayerNorm,
    "group": _group_norm,
}
_ON_MAPS: dict[str, Callable[[int], nn.Module]] = {
    "batch": nn.BatchNorm2d,
    "instance": partial(nn.InstanceNorm2d, affine=True),
    "layer": partial(nn.GroupNorm, 1),  # statistics over (C, H, W), gain and shift a channel: WGAN-GP's layer norm
    "group": _group_norm,
}
_ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": partial(nn.ReLU, inplace=True),
    "leaky_relu": partial(nn.LeakyReLU, 0.2, inplace=True),
    "elu": nn.ELU,
    "tanh": nn.Tanh,
    "silu": nn.SiLU,
    "gelu": nn.GELU,
}


class Conditioned(nn.Module, ABC):
    """A layer that may look at a condition (N, K) beside its input."""

    @abstractmethod
    def forward(self, values: Tensor, condition: Tensor | None = None) -> Tensor:
        """(N, ...) to (N, ...)."""


@final
class Stack(nn.Sequential, Conditioned):
    """Layers one after the other; the condition goes to those that look at one."""

    def forward(self, values: Tensor, condition: Tensor | None = None) -> Tensor:
        """(N, ...) to (N, ...)."""
        for layer in self:
            values = layer(values, condition) if isinstance(layer, Conditioned) else layer(values)
        return values


def normalise_vectors(norm: str, width: int) -> list[nn.Module]:
    """What follows a layer with output (N, width): one module or none. Raises UsageError for a norm that can't."""
    check_norm_of_vectors(norm, width)
    return [_ON_VECTORS[norm](width)] if norm in _ON_VECTORS else []


def normalise_maps(norm: str, channels: int) -> list[nn.Module]:
    """What follows a layer with output (N, channels, H, W): one module or none. Raises UsageError as above."""
    check_norm_of_maps(norm, channels)
    return [_ON_MAPS[norm](channels)] if norm in _ON_MAPS else []


def constrain(layer: _LayerT, norm: str) -> _LayerT:
    """The layer, its weight divided by its largest singular value if `norm` is spectral (Miyato et al. 2018).

    Initialise the weight first: one estimate of the singular value is made here.
    """
    check_norm(norm)
    if norm == "spectral":
        spectral_norm(layer)
    return layer


_WeightedT = TypeVar("_WeightedT", bound=nn.Conv2d | nn.ConvTranspose2d | nn.Linear)


def started(layer: _WeightedT, norm: str) -> _WeightedT:
    """The layer at DCGAN's starting point, weights N(0, 0.02) and biases 0, and constrained from there."""
    nn.init.normal_(layer.weight, 0.0, 0.02)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return constrain(layer, norm)


def takes_bias(norm: str) -> bool:
    """Whether a layer followed by `norm` has use for a bias: not if each channel's mean is subtracted next."""
    return norm not in ("batch", "instance")


def activate(activation: str) -> nn.Module:
    """The activation of that name, for what nobody else reads: ReLUs overwrite it. Raises UsageError for a name that
    isn't known."""
    check_activation(activation)
    return _ACTIVATIONS[activation]()
