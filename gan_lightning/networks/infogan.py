"""InfoGAN's networks for MNIST (Chen et al. 2016, appendix C.1): dense layers inside of 4 x 4 convolutions.

Lucic et al. 2018 (arXiv:1711.10337) compare GANs on them, at 28 and 32 px. Images are base * 2**n pixels wide, with
base 4 to 7. `width` is the number of channels at the highest resolution and doubles at every halving; 64, and a
`hidden` of 1,024, are the paper's. Beside DCGAN's, both players have a dense layer on all maps at once and a dense
layer more, so that features are of the whole image. Norms are everywhere but at G's output and D's input. Weights start
as N(0, 0.02).
"""

from torch import Tensor, nn

from gan_lightning.networks.dense import DenseDiscriminator
from gan_lightning.networks.layers import Stack, normalise_maps, normalise_vectors, started, takes_bias
from gan_lightning.networks.limits import check_positive, halvings

_SLOPE = 0.1  # of the discriminator's leaky relu below 0


class Generator(nn.Module):
    """Latents (N, latent_dim) to images (N, C, S, S) in [-1, 1].

    Args:
        shape: of an image, (C, S, S).
        latent_dim: dimensions of the latent.
        width: channels before the output layer.
        hidden: width of the first dense layer.
        norm: by name.

    Raises:
        UsageError: for a shape that can't be built, an unknown norm or one that doesn't suit the widths.
    """

    def __init__(self, shape: tuple[int, ...], latent_dim: int, width: int, hidden: int, norm: str) -> None:
        super().__init__()
        base, n = halvings("infogan", shape)
        check_positive("generator", latent_dim=latent_dim, width=width, hidden=hidden)
        self.latent_dim = latent_dim
        bias = takes_bias(norm)
        channels = width << (n - 1)
        maps = channels * base * base
        modules: list[nn.Module] = [_dense(latent_dim, hidden, norm), *normalise_vectors(norm, hidden), nn.ReLU()]
        self._stage = len(modules)
        modules += [_dense(hidden, maps, norm), *normalise_vectors(norm, maps), nn.ReLU()]
        modules.append(nn.Unflatten(1, (channels, base, base)))
        for _ in range(n - 1):
            up = nn.ConvTranspose2d(channels, channels // 2, 4, 2, 1, bias=bias)
            channels //= 2
            modules += [started(up, norm), *normalise_maps(norm, channels), nn.ReLU(inplace=True)]
        output = nn.ConvTranspose2d(channels, shape[0], 4, 2, 1)
        self.layers = Stack(*modules, started(output, norm), nn.Tanh())

    def forward(self, latents: Tensor, condition: Tensor | None = None) -> Tensor:
        """(N, latent_dim) to (N, C, S, S); a condition (N, K) goes to norms that take one."""
        return self.layers(latents, condition)

    def first(self, latents: Tensor) -> Tensor:
        """(N, latent_dim) to the first dense layer's (N, hidden), before norm and activation."""
        return self.layers[0](latents)

    def features(self, latents: Tensor, condition: Tensor | None = None) -> Tensor:
        """(N, latent_dim) to the first dense layer's (N, hidden)."""
        return self.layers[: self._stage](latents, condition)


class Discriminator(DenseDiscriminator):
    """Images (N, C, S, S) to logits (N,).

    Args:
        shape: of an image, (C, S, S).
        width: channels after the input layer.
        hidden: width of the dense layer before the last one, the features.
        norm: by name.

    Raises:
        UsageError: as the generator.
    """

    def __init__(self, shape: tuple[int, ...], width: int, hidden: int, norm: str) -> None:
        super().__init__()
        base, n = halvings("infogan", shape)
        check_positive("discriminator", width=width, hidden=hidden)
        bias = takes_bias(norm)
        first = nn.Conv2d(shape[0], width, 4, 2, 1)
        modules: list[nn.Module] = [started(first, norm), nn.LeakyReLU(_SLOPE, inplace=True)]
        channels = width
        for _ in range(n - 1):
            down = nn.Conv2d(channels, channels * 2, 4, 2, 1, bias=bias)
            channels *= 2
            modules += [started(down, norm), *normalise_maps(norm, channels), nn.LeakyReLU(_SLOPE, inplace=True)]
        maps = channels * base * base
        modules += [nn.Flatten(), _dense(maps, hidden, norm), *normalise_vectors(norm, hidden), nn.LeakyReLU(_SLOPE)]
        self.feature_dim = hidden
        self.layers = nn.Sequential(*modules, started(nn.Linear(hidden, 1), norm))


def _dense(inputs: int, outputs: int, norm: str) -> nn.Module:
    return started(nn.Linear(inputs, outputs, bias=takes_bias(norm)), norm)
