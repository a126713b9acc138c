"""The small residual networks of WGAN-GP (Gulrajani et al. 2017) and SNGAN (Miyato et al. 2018, appendix B, table 3).

Images are base * 2**n pixels wide, with base 4 to 7 (28, 32, 48, 64, ...); every block has `width` channels. Weights
start Xavier-uniform with gain sqrt(2) in the residual branches and 1 elsewhere, biases at 0, as in SNGAN's code.
"""

from torch import Tensor, nn

from gan_lightning.networks.layers import Conditioned, Stack, constrain, normalise_maps, takes_bias
from gan_lightning.networks.limits import check_positive, halvings

_RESIDUAL_GAIN = 2**0.5


class Generator(nn.Module):
    """Latents (N, latent_dim) to images (N, C, S, S) in [-1, 1]: dense, a block for every doubling, convolution, tanh.

    Args:
        shape: of an image, (C, S, S).
        latent_dim: dimensions of the latent.
        width: channels of every block.
        norm: by name.

    Raises:
        UsageError: for a shape that can't be built, an unknown norm or one that doesn't suit the width.
    """

    def __init__(self, shape: tuple[int, ...], latent_dim: int, width: int, norm: str) -> None:
        super().__init__()
        base, n = halvings("resnet", shape)
        check_positive("generator", latent_dim=latent_dim, width=width)
        self.latent_dim = latent_dim
        self.layers = Stack(
            _dense(latent_dim, width * base * base, norm),
            nn.Unflatten(1, (width, base, base)),
            *[_up(width, norm) for _ in range(n)],
            *normalise_maps(norm, width),
            nn.ReLU(inplace=True),
            _convolution(width, shape[0], 3, norm),
            nn.Tanh(),
        )

    def forward(self, latents: Tensor, condition: Tensor | None = None) -> Tensor:
        """(N, latent_dim) to (N, C, S, S); a condition (N, K) goes to norms that take one."""
        return self.layers(latents, condition)

    def first(self, latents: Tensor) -> Tensor:
        """(N, latent_dim) to the dense layer's (N, width * base**2)."""
        return self.layers[0](latents)

    def features(self, latents: Tensor, condition: Tensor | None = None) -> Tensor:
        """(N, latent_dim) to the first block's maps, flattened."""
        return self.layers[:3](latents, condition).flatten(1)


class Discriminator(nn.Module):
    """Images (N, C, S, S) to logits (N,): blocks that halve down to 8 px or less, two that don't, sum pooling, dense.

    Args:
        shape: of an image, (C, S, S).
        width: channels of every block.
        norm: by name; WGAN-GP takes layer, SNGAN spectral.

    Raises:
        UsageError: as the generator.
    """

    def __init__(self, shape: tuple[int, ...], width: int, norm: str) -> None:
        super().__init__()
        base, n = halvings("resnet", shape)
        check_positive("discriminator", width=width)
        downs = n - 1 if base == 4 and n > 1 else n  # down to 8, or to the base itself where that is 5 to 7
        self.blocks = nn.Sequential(
            _first(shape[0], width, norm),
            *[_down(width, norm) for _ in range(downs - 1)],
            _plain(width, norm),
            _plain(width, norm),
            nn.ReLU(inplace=True),
        )
        self.feature_dim = width
        self.dense = _dense(width, 1, norm)

    def forward(self, images: Tensor) -> Tensor:
        """(N, C, S, S) to (N,)."""
        return self.score(self.features(images))

    def features(self, images: Tensor) -> Tensor:
        """(N, C, S, S) to what the last layer sees, summed over the pixels, (N, feature_dim)."""
        return self.blocks(images).sum((2, 3))

    def score(self, features: Tensor) -> Tensor:
        """Features (N, feature_dim) to logits (N,)."""
        return self.dense(features).squeeze(1)


class _Residual(Conditioned):
    """The sum of two branches; a condition goes to the first."""

    def __init__(self, residual: Stack, shortcut: nn.Module) -> None:
        super().__init__()
        self.residual = residual
        self.shortcut = shortcut

    def forward(self, values: Tensor, condition: Tensor | None = None) -> Tensor:
        return self.residual(values, condition) + self.shortcut(values)


# In the shortcuts the 1 x 1 convolution is on the side with fewer pixels: it commutes with nearest upsampling and with
# average pooling, so the sum is the papers' and the cost a quarter.


def _up(width: int, norm: str) -> nn.Module:
    residual = Stack(*_preactivated(width, norm, nn.Upsample(scale_factor=2)))
    return _Residual(residual, nn.Sequential(_convolution(width, width, 1, norm), nn.Upsample(scale_factor=2)))


def _first(channels: int, width: int, norm: str) -> nn.Module:
    """The first block of the discriminator: no activation and no norm on pixels."""
    residual = Stack(
        _convolution(channels, width, 3, norm, _RESIDUAL_GAIN),
        nn.ReLU(inplace=True),
        _convolution(width, width, 3, norm, _RESIDUAL_GAIN),
        nn.AvgPool2d(2),
    )
    return _Residual(residual, nn.Sequential(nn.AvgPool2d(2), _convolution(channels, width, 1, norm)))


def _down(width: int, norm: str) -> nn.Module:
    residual = Stack(*_preactivated(width, norm), nn.AvgPool2d(2))
    return _Residual(residual, nn.Sequential(nn.AvgPool2d(2), _convolution(width, width, 1, norm)))


def _plain(width: int, norm: str) -> nn.Module:
    return _Residual(Stack(*_preactivated(width, norm)), nn.Identity())


def _preactivated(width: int, norm: str, *resize: nn.Module) -> list[nn.Module]:
    norms = normalise_maps(norm, width)
    return [
        *norms,
        nn.ReLU(inplace=bool(norms)),  # else it is the shortcut's input that would be overwritten
        *resize,
        _convolution(width, width, 3, norm, _RESIDUAL_GAIN, takes_bias(norm)),
        *normalise_maps(norm, width),
        nn.ReLU(inplace=True),
        _convolution(width, width, 3, norm, _RESIDUAL_GAIN),
    ]


def _convolution(inputs: int, outputs: int, size: int, norm: str, gain: float = 1.0, bias: bool = True) -> nn.Module:
    convolution = nn.Conv2d(inputs, outputs, size, padding=size // 2, bias=bias)
    nn.init.xavier_uniform_(convolution.weight, gain)
    if convolution.bias is not None:
        nn.init.zeros_(convolution.bias)
    return constrain(convolution, norm)


def _dense(inputs: int, outputs: int, norm: str) -> nn.Module:
    dense = nn.Linear(inputs, outputs)
    nn.init.xavier_uniform_(dense.weight)
    nn.init.zeros_(dense.bias)
    return constrain(dense, norm)
