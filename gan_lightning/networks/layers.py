"""What the families share: normalisation and activation by name, and what a shape must be for them to build it.

A norm is a name: `batch`, `instance`, `layer`, `group` follow a layer, `spectral` is a constraint on the layer's own
weight, `none` is nothing. So a network writes `constrain(layer, norm)` and then `*normalise_maps(norm, channels)`.
"""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from gan_lightning.errors import UsageError

NORMS = ("batch", "instance", "layer", "group", "spectral", "none")
_KEYS = "network.generator.norm or network.discriminator.norm"
_LayerT = TypeVar("_LayerT", bound=nn.Module)


def _group_norm(channels: int) -> nn.Module:
    """16 channels a group (Wu & He 2018, table 3): with 32 groups, narrow vectors would be normalised two by two."""
    if channels % 16:
        raise UsageError(
            f"norm=group takes 16 channels a group, but a layer has {channels}: make the width a multiple of 16, "
            f"or choose another {_KEYS}"
        )
    return nn.GroupNorm(channels // 16, channels)


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
    "relu": nn.ReLU,
    "leaky_relu": partial(nn.LeakyReLU, 0.2),
    "elu": nn.ELU,
    "tanh": nn.Tanh,
    "silu": nn.SiLU,
    "gelu": nn.GELU,
}


def normalise_vectors(norm: str, width: int) -> list[nn.Module]:
    """What follows a layer with output (N, width): one module or none. Raises UsageError for a norm that can't."""
    if norm == "instance":
        raise UsageError(f"norm=instance normalises each map, and vectors have none: choose layer as {_KEYS}")
    return _normalise(norm, width, _ON_VECTORS)


def normalise_maps(norm: str, channels: int) -> list[nn.Module]:
    """What follows a layer with output (N, channels, H, W): one module or none. Raises UsageError as above."""
    return _normalise(norm, channels, _ON_MAPS)


def _normalise(norm: str, channels: int, table: dict[str, Callable[[int], nn.Module]]) -> list[nn.Module]:
    _check_known(norm)
    return [table[norm](channels)] if norm in table else []


def constrain(layer: _LayerT, norm: str) -> _LayerT:
    """The layer, its weight divided by its largest singular value if `norm` is spectral (Miyato et al. 2018).

    Initialise the weight first: one estimate of the singular value is made here.
    """
    _check_known(norm)
    if norm == "spectral":
        spectral_norm(layer)
    return layer


def takes_bias(norm: str) -> bool:
    """Whether a layer followed by `norm` has use for a bias: not if each channel's mean is subtracted next."""
    return norm not in ("batch", "instance")


def activate(activation: str) -> nn.Module:
    """The activation of that name. Raises UsageError for a name that isn't known."""
    if activation not in _ACTIVATIONS:
        raise UsageError(
            f"activation={activation} isn't known: set network.generator.activation and "
            f"network.discriminator.activation to {', '.join(_ACTIVATIONS)}"
        )
    return _ACTIVATIONS[activation]()


def check_positive(player: str, **knobs: int) -> None:
    """Raise UsageError for the first of the player's knobs that is below 1."""
    for knob, value in knobs.items():
        if value < 1:
            raise UsageError(f"network.{player}.{knob} is {value}: set it to 1 or more")


def halvings(network: str, shape: tuple[int, ...]) -> tuple[int, int]:
    """(base, n) for square images (C, base * 2**n, base * 2**n) with 4 <= base <= 7 and n >= 1: 28 is 7 * 2**2.

    Raises UsageError if the shape isn't one of an image, or the image isn't square or of no such size.
    """
    if len(shape) != 3:
        raise UsageError(f"network={network} makes images, but the data has shape {shape}: use network=mlp")
    _, height, width = shape
    if height != width:
        raise UsageError(f"network={network} makes square images, but the data has shape {shape}: use network=mlp")
    n = max(1, (height // 4).bit_length() - 1)
    base = max(4, height >> n)
    if base << n != height:
        fitting = f"{base << n} or {(base + 1) << n}" if height > 8 else "8"
        raise UsageError(
            f"network={network} can't make images of {height} x {height} px: resize the data to {fitting} px, "
            "or use network=mlp"
        )
    return base, n


def _check_known(norm: str) -> None:
    if norm not in NORMS:
        raise UsageError(f"norm={norm} isn't known: set {_KEYS} to one of {', '.join(NORMS)}")
