"""What the families can't build: names, widths under a norm, and sizes of images; imports no torch."""

from gan_lightning.errors import UsageError

NORMS = ("batch", "instance", "layer", "group", "spectral", "none")
ACTIVATIONS = ("relu", "leaky_relu", "elu", "tanh", "silu", "gelu")
CONDITIONINGS = ("concat", "cbn", "projection")
IN_NORMS = CONDITIONINGS[1:]
"""Those that put the condition into the generator's norms."""
NO_BATCH_NORM = "conditional BatchNorm needs BatchNorm in the generator: set network.generator.norm=batch"
GROUP = 16
"""Channels a group under norm=group (Wu & He 2018, table 3): with 32 groups, narrow vectors would be taken by twos."""
_KEYS = "network.generator.norm or network.discriminator.norm"


def check_positive(player: str, **knobs: int) -> None:
    """Raise UsageError for the first of the player's knobs that is below 1."""
    for knob, value in knobs.items():
        if value < 1:
            raise UsageError(f"network.{player}.{knob} is {value}: set it to 1 or more")


def check_activation(activation: str) -> None:
    """Raise UsageError for a name that isn't known."""
    if activation not in ACTIVATIONS:
        raise UsageError(
            f"activation={activation} isn't known: set network.generator.activation and "
            f"network.discriminator.activation to {', '.join(ACTIVATIONS)}"
        )


def check_norm(norm: str) -> None:
    """Raise UsageError for a name that isn't known."""
    if norm not in NORMS:
        raise UsageError(f"norm={norm} isn't known: set {_KEYS} to one of {', '.join(NORMS)}")


def check_norm_of_maps(norm: str, channels: int) -> None:
    """Raise UsageError for a norm that can't follow a layer with output (N, channels, H, W)."""
    check_norm(norm)
    if norm == "group" and channels % GROUP:
        raise UsageError(
            f"norm=group takes {GROUP} channels a group, but a layer has {channels}: make the width a multiple of "
            f"{GROUP}, or choose another {_KEYS}"
        )


def check_norm_of_vectors(norm: str, width: int) -> None:
    """Raise UsageError for a norm that can't follow a layer with output (N, width)."""
    if norm == "instance":
        raise UsageError(f"norm=instance normalises each map, and vectors have none: choose layer as {_KEYS}")
    check_norm_of_maps(norm, width)


def check_points(network: str, shape: tuple[int, ...]) -> None:
    """Raise UsageError unless samples are points (D,)."""
    if len(shape) != 1:
        raise UsageError(f"network={network} makes points, but the data has shape {shape}: use network=mlp")


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


def check_translated(shape: tuple[int, ...]) -> None:
    """Raise UsageError unless samples are images (C, H, W) that can be halved twice and have pixels to mirror then."""
    if len(shape) != 3:
        raise UsageError(
            f"network=translator translates images, but the data has shape {shape}: use network=point_translator"
        )
    height, width = shape[1:]
    if min(height, width) < 8 or height % 4 or width % 4:
        side = max(8, min(height, width) // 4 * 4)
        raise UsageError(
            f"network=translator can't translate images of {height} x {width} px, which are halved twice: "
            f"resize the data to a multiple of 4, {side} px or {side + 4} px say"
        )


def check_patches(shape: tuple[int, ...], layers: int) -> None:
    """Raise UsageError unless samples are images (C, H, W) with pixels left behind so many layers of a PatchGAN."""
    if len(shape) != 3:
        raise UsageError(f"network=translator judges images, but the data has shape {shape}: use network=mlp")
    side = min(shape[1:])
    if side >> layers < 3:
        most = (side // 3).bit_length() - 1
        mend = f"lower it to {most}" if most > 0 else "resize the data to 8 px or more, and set it to 1"
        raise UsageError(
            f"network.discriminator.layers={layers} halves images of {shape[1]} x {shape[2]} px until nothing is left "
            f"to judge: {mend}"
        )


def check_translated_points(shape: tuple[int, ...]) -> None:
    """Raise UsageError unless samples are points (D,)."""
    if len(shape) != 1:
        raise UsageError(
            f"network=point_translator translates points, but the data has shape {shape}: use network=translator"
        )
