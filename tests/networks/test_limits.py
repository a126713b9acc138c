"""Which images a convolutional family can build, and which names there are."""

import pytest

from gan_lightning.errors import UsageError
from gan_lightning.networks import layers
from gan_lightning.networks.limits import ACTIVATIONS, NORMS, check_points, check_positive, halvings


def test_every_name_has_its_layer_and_every_layer_its_name():
    assert set(layers._ACTIVATIONS) == set(ACTIVATIONS)
    assert set(layers._ON_MAPS) | {"spectral", "none"} == set(NORMS)
    assert set(layers._ON_VECTORS) | {"instance", "spectral", "none"} == set(NORMS)


def test_the_first_size_below_one_is_named():
    check_positive("generator", width=1, depth=1)
    with pytest.raises(UsageError, match=r"^network\.generator\.depth is 0: set it to 1 or more$"):
        check_positive("generator", width=1, depth=0, latent_dim=-1)


def test_points_have_one_axis():
    check_points("linear", (3,))
    with pytest.raises(UsageError, match=r"^network=linear makes points, but the data has shape \(1, 2, 3\): "):
        check_points("linear", (1, 2, 3))


@pytest.mark.parametrize(
    ("side", "base", "n"),
    [(8, 4, 1), (10, 5, 1), (14, 7, 1), (16, 4, 2), (28, 7, 2), (32, 4, 3), (48, 6, 3), (64, 4, 4), (128, 4, 5)],
)
def test_a_side_is_its_base_doubled_n_times(side: int, base: int, n: int):
    assert base * 2**n == side
    assert halvings("dcgan", (3, side, side)) == (base, n)


def test_every_side_that_is_no_such_product_is_refused():
    fitting = {base * 2**n for base in (4, 5, 6, 7) for n in range(1, 6)}
    for side in set(range(1, 129)) - fitting:
        with pytest.raises(UsageError, match="^network=dcgan can't make images of "):
            halvings("dcgan", (3, side, side))


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((2,), "network=resnet makes images, but the data has shape (2,): use network=mlp"),
        ((3, 32, 64), "network=resnet makes square images, but the data has shape (3, 32, 64): use network=mlp"),
        ((3, 64, 32), "network=resnet makes square images, but the data has shape (3, 64, 32): use network=mlp"),
        (
            (3, 30, 30),
            "network=resnet can't make images of 30 x 30 px: resize the data to 28 or 32 px, or use network=mlp",
        ),
        ((3, 4, 4), "network=resnet can't make images of 4 x 4 px: resize the data to 8 px, or use network=mlp"),
    ],
)
def test_a_shape_that_cannot_be_built_is_answered_with_what_to_do(shape: tuple[int, ...], message: str):
    with pytest.raises(UsageError) as raised:
        halvings("resnet", shape)
    assert str(raised.value) == message
