"""What is refused without building is what building refuses, in the same words."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from hydra.utils import get_class

from gan_lightning.errors import UsageError
from gan_lightning.networks.limits import NORMS
from gan_lightning.networks.plans import _FAMILIES, check_player

SHAPES = [(2,), (1, 28, 28), (3, 8, 8), (1, 30, 30), (3, 32, 16)]
KNOBS = {
    "mlp": ({"latent_dim": 2, "depth": 1, "activation": "relu"}, {"depth": 1, "activation": "relu"}),
    "linear": ({"latent_dim": 2}, {}),
    "dcgan": ({"latent_dim": 2}, {}),
    "infogan": ({"latent_dim": 2, "hidden": 24}, {"hidden": 24}),
    "resnet": ({"latent_dim": 2}, {}),
    "translator": ({"blocks": 1}, {"layers": 2}),
    "point_translator": ({"depth": 1, "activation": "relu"}, None),  # its critic is mlp's
}
"""What else each player takes beside width and norm."""


def node(family: str, player: str, width: int, norm: str) -> dict[str, Any]:
    """A player's composed node."""
    own = {"norm": norm, "width": width}
    if family == "linear":
        own = {"norm": norm} if player == "discriminator" else {}
    knobs = KNOBS[family][0 if player == "generator" else 1]
    assert knobs is not None
    return {"_target_": f"gan_lightning.networks.{family}.{player.title()}", **knobs, **own}


def refusal(check: Callable[..., Any], *arguments: Any, **settings: Any) -> str:
    """What a check or a constructor says, or nothing."""
    try:
        check(*arguments, **settings)
    except UsageError as error:
        return str(error)
    return ""


PLAYERS = [(family, player) for family in KNOBS for player in ("generator", "discriminator")]
PLAYERS.remove(("point_translator", "discriminator"))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(("family", "player"), PLAYERS)
def test_a_check_says_what_building_says(family: str, player: str, shape: tuple[int, ...]):
    for width, norm in product((8, 12, 16), NORMS):
        described = node(family, player, width, norm)
        early = refusal(check_player, player, described, shape, batch_size=4)
        network = get_class(described.pop("_target_"))
        assert early == refusal(network, shape=shape, **described), described


@pytest.mark.parametrize(
    ("family", "shape", "width", "norm", "fragment"),
    [
        ("mlp", (2,), 16, "instance", "norm=instance normalises each map"),
        ("mlp", (2,), 12, "group", "a layer has 12"),
        ("linear", (2,), 16, "group", "a layer has 5"),
        ("linear", (1, 28, 28), 16, "none", "network=linear makes points"),
        ("dcgan", (2,), 16, "none", "network=dcgan makes images"),
        ("dcgan", (1, 28, 28), 12, "group", "a layer has 24"),
        ("infogan", (2,), 16, "none", "network=infogan makes images"),
        ("infogan", (1, 28, 28), 16, "instance", "norm=instance normalises each map"),
        ("infogan", (1, 28, 28), 12, "group", "a layer has 24"),
        ("resnet", (1, 30, 30), 16, "none", "resize the data to 28 or 32 px"),
        ("resnet", (3, 32, 16), 16, "none", "square images"),
        ("translator", (2,), 16, "none", "network=translator judges images"),
        ("translator", (1, 8, 8), 16, "none", "network.discriminator.layers=2 halves images of 8 x 8 px until"),
        ("translator", (1, 28, 28), 12, "group", "a layer has 24"),
    ],
)
def test_what_cannot_be_built_is_refused(family: str, shape: tuple[int, ...], width: int, norm: str, fragment: str):
    described = node(family, "discriminator", width, norm)
    assert fragment in refusal(check_player, "discriminator", described, shape, batch_size=4)


def test_every_shipped_family_is_checked():
    assert {family.rpartition(".")[2] for family in _FAMILIES} == set(KNOBS)


@pytest.mark.parametrize(("family", "player"), [pair for pair in PLAYERS if pair != ("linear", "generator")])
def test_batch_norm_over_a_batch_of_one_is_refused_where_a_channel_is_one_number(family: str, player: str):
    shape = (1, 28, 28) if family in ("dcgan", "infogan", "resnet", "translator") else (2,)
    described = node(family, player, 16, "batch")
    check_player(player, described, shape, batch_size=2)
    early = refusal(check_player, player, described, shape, batch_size=1)
    expected = f"norm=batch has no moments over data.batch_size=1: raise it, or set network.{player}.norm=layer"
    assert early == (expected if shape == (2,) or family == "infogan" else "")


def test_a_player_from_elsewhere_passes():
    check_player("generator", {"_target_": "torch.nn.Linear", "norm": "batch"}, (2,), batch_size=1)
