"""DCGAN (Radford et al. 2016): strided and transposed 4 x 4 convolutions, no pooling, no hidden dense layer.

Images are base * 2**n pixels wide, with base 4 to 7 (28, 32, 48, 64, 128, ...). `width` is the number of channels at
the highest resolution and doubles at every halving: 64 at 64 px is the paper's 64-128-256-512. Norms are everywhere
but at G's output and D's input, and the layers carry biases as in PyTorch's DCGAN tutorial: none in the last layer,
and none anywhere else if the norm would take them away again. Weights start as N(0, 0.02), the norms' as N(1, 0.02).
"""

from torch import Tensor, nn

from gan_lightning.networks.layers import Stack, normalise_maps, started, takes_bias
from gan_lightning.networks.limits import check_positive, halvings


class Generator(nn.Module):
    """Latents (N, latent_dim) to images (N, C, S, S) in [-1, 1].

    Args:
        shape: of an image, (C, S, S).
        latent_dim: dimensions of the latent.
        width: channels before the output layer.
        norm: by name.

    Raises:
        UsageError: for a shape that can't be built, an unknown norm or one that doesn't suit the width.
    """

    def __init__(self, shape: tuple[int, ...], latent_dim: int, width: int, norm: str) -> None:
        super().__init__()
        base, n = halvings("dcgan", shape)
        check_positive("generator", latent_dim=latent_dim, width=width)
        self.latent_dim = latent_dim
        bias = takes_bias(norm)
        channels = width << (n - 1)
        first = nn.ConvTranspose2d(latent_dim, channels, base, bias=bias)  # (N, Z, 1, 1) -> (N, channels, base, base)
        modules = [started(first, norm), *_normalise(norm, channels), nn.ReLU(inplace=True)]
        self._stage = len(modules)
        for _ in range(n - 1):
            up = nn.ConvTranspose2d(channels, channels // 2, 4, 2, 1, bias=bias)
            channels //= 2
            modules += [started(up, norm), *_normalise(norm, channels), nn.ReLU(inplace=True)]
        output = nn.ConvTranspose2d(channels, shape[0], 4, 2, 1, bias=False)
        self.layers = Stack(*modules, started(output, norm), nn.Tanh())

    def forward(self, latents: Tensor, condition: Tensor | None = None) -> Tensor:
        """(N, latent_dim) to (N, C, S, S); a condition (N, K) goes to norms that take one."""
        return self.layers(latents[:, :, None, None], condition)

    def first(self, latents: Tensor) -> Tensor:
        """(N, latent_dim) to the first maps, before norm and activation, flattened."""
        return self.layers[0](latents[:, :, None, None]).flatten(1)

    def features(self, latents: Tensor, condition: Tensor | None = None) -> Tensor:
        """(N, latent_dim) to the first maps, flattened."""
        return self.layers[: self._stage](latents[:, :, None, None], condition).flatten(1)


class Discriminator(nn.Module):
    """Images (N, C, S, S) to logits (N,).

    Args:
        shape: of an image, (C, S, S).
        width: channels after the input layer.
        norm: by name.

    Raises:
        UsageError: as the generator.
    """

    def __init__(self, shape: tuple[int, ...], width: int, norm: str) -> None:
        super().__init__()
        base, n = halvings("dcgan", shape)
        check_positive("discriminator", width=width)
        bias = takes_bias(norm)
        first = nn.Conv2d(shape[0], width, 4, 2, 1, bias=bias)
        modules = [started(first, norm), nn.LeakyReLU(0.2, inplace=True)]
        channels = width
        for _ in range(n - 1):
            down = nn.Conv2d(channels, channels * 2, 4, 2, 1, bias=bias)
            channels *= 2
            modules += [started(down, norm), *_normalise(norm, channels), nn.LeakyReLU(0.2, inplace=True)]
        output = nn.Conv2d(channels, 1, base, bias=False)  # (N, channels, base, base) -> (N, 1, 1, 1)
        self._maps = (channels, base, base)
        self.feature_dim = channels * base * base
        self.layers = nn.Sequential(*modules, started(output, norm))

    def forward(self, images: Tensor) -> Tensor:
        """(N, C, S, S) to (N,)."""
        return self.layers(images).flatten()

    def features(self, images: Tensor) -> Tensor:
        """(N, C, S, S) to what the last layer sees, flattened, (N, feature_dim)."""
        return self.layers[:-1](images).flatten(1)

    def score(self, features: Tensor) -> Tensor:
        """Features (N, feature_dim) to logits (N,)."""
        return self.layers[-1](features.unflatten(1, self._maps)).flatten()


def _normalise(norm: str, channels: int) -> list[nn.Module]:
    modules = normalise_maps(norm, channels)
    for module in modules:
        nn.init.normal_(module.get_parameter("weight"), 1.0, 0.02)
    return modules
