"""Whether a config's networks can be built for the data's shape, found without building them; imports no torch."""

from collections.abc import Callable, Mapping
from typing import Any

from gan_lightning.errors import UsageError
from gan_lightning.networks.limits import (
    check_norm_of_maps,
    check_norm_of_vectors,
    check_patches,
    check_points,
    check_translated,
    check_translated_points,
    halvings,
)

Node = Mapping[str, Any]
"""The composed `network.generator` or `network.discriminator`."""


def _mlp(player: str, node: Node, shape: tuple[int, ...]) -> None:
    check_norm_of_vectors(node["norm"], node["width"])


def _linear(player: str, node: Node, shape: tuple[int, ...]) -> None:
    check_points("linear", shape)
    if player == "discriminator":
        for width in (5, 3):
            check_norm_of_vectors(node["norm"], width)


def _dcgan(player: str, node: Node, shape: tuple[int, ...]) -> None:
    _, n = halvings("dcgan", shape)
    for doublings in reversed(range(n)) if player == "generator" else range(1, n):  # in the order of the layers
        check_norm_of_maps(node["norm"], node["width"] << doublings)


def _infogan(player: str, node: Node, shape: tuple[int, ...]) -> None:
    base, n = halvings("infogan", shape)
    norm, width, hidden = node["norm"], node["width"], node["hidden"]
    if player == "generator":  # in the order of the layers
        check_norm_of_vectors(norm, hidden)
        check_norm_of_vectors(norm, (width << (n - 1)) * base * base)
    for doublings in reversed(range(n - 1)) if player == "generator" else range(1, n):
        check_norm_of_maps(norm, width << doublings)
    if player == "discriminator":
        check_norm_of_vectors(norm, hidden)


def _resnet(player: str, node: Node, shape: tuple[int, ...]) -> None:
    halvings("resnet", shape)
    check_norm_of_maps(node["norm"], node["width"])


def _translator(player: str, node: Node, shape: tuple[int, ...]) -> None:
    if player == "generator":
        check_translated(shape)
        for factor in (1, 2, 4):  # in the order of the layers
            check_norm_of_maps(node["norm"], factor * node["width"])
    else:
        check_patches(shape, node["layers"])
        for n in range(1, node["layers"] + 1):
            check_norm_of_maps(node["norm"], min(2**n, 8) * node["width"])


def _point_translator(player: str, node: Node, shape: tuple[int, ...]) -> None:
    check_translated_points(shape)
    check_norm_of_vectors(node["norm"], node["width"])


_FAMILIES: dict[str, Callable[[str, Node, tuple[int, ...]], None]] = {
    "gan_lightning.networks.mlp": _mlp,
    "gan_lightning.networks.linear": _linear,
    "gan_lightning.networks.dcgan": _dcgan,
    "gan_lightning.networks.infogan": _infogan,
    "gan_lightning.networks.resnet": _resnet,
    "gan_lightning.networks.translator": _translator,
    "gan_lightning.networks.point_translator": _point_translator,
}
_OF_VECTORS = {f"gan_lightning.networks.{family}" for family in ("mlp", "linear", "infogan", "point_translator")}
"""Families with layers of output (N, width): BatchNorm has a batch of one number a channel to go by there."""


def check_player(player: str, node: Node, shape: tuple[int, ...], batch_size: int) -> None:
    """Check one player of a shipped family; one from elsewhere passes.

    Args:
        player: "generator" or "discriminator".
        node: its composed node.
        shape: of a sample.
        batch_size: of a step on one process.

    Raises:
        UsageError: as building it would, and for BatchNorm of vectors over a batch of one.
    """
    family = node["_target_"].rpartition(".")[0]
    if family in _FAMILIES:
        _FAMILIES[family](player, node, shape)
    if family in _OF_VECTORS and node.get("norm") == "batch" and batch_size == 1:
        raise UsageError(
            f"norm=batch has no moments over data.batch_size=1: raise it, or set network.{player}.norm=layer"
        )
