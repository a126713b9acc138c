"""CycleGAN's networks (Zhu et al. 2017, arXiv:1703.10593, appendix 7.2): images to images, and critics of patches.

The translator is the network of Johnson et al. 2016: downsampling, residual blocks and upsampling, with reflection
padding and, by `norm`, the instance normalisation of Ulyanov et al. 2016. The critic is the PatchGAN of Isola et al.
2017. Weights start as N(0, 0.02), biases at 0.
"""

from math import prod

from torch import Tensor, nn

from gan_lightning.networks.layers import constrain, normalise_maps, takes_bias
from gan_lightning.networks.limits import check_patches, check_positive, check_translated


class Generator(nn.Module):
    """Images (N, C, H, W) to images (N, C, H, W) in [-1, 1]: c7s1-w, d2w, d4w, blocks R4w, u2w, uw, c7s1-C, tanh.

    What it translates may come flattened, so it is a generator whose latents are images: `latent_dim` is C * H * W.

    Args:
        shape: of an image, (C, H, W).
        width: channels at full resolution; the paper's is 64.
        blocks: residual blocks at a quarter of the resolution; the paper's 6 for 128 px, 9 for 256 px and more.
        norm: by name.

    Raises:
        UsageError: for a shape that can't be translated, an unknown norm or one that doesn't suit the width.
    """

    def __init__(self, shape: tuple[int, ...], width: int, blocks: int, norm: str) -> None:
        super().__init__()
        check_translated(shape)
        check_positive("generator", width=width, blocks=blocks)
        self.shape, self.latent_dim = shape, prod(shape)
        beginning = [nn.ReflectionPad2d(3), *_unit(nn.Conv2d(shape[0], width, 7, bias=takes_bias(norm)), norm)]
        self._stage = len(beginning)
        self.layers = nn.Sequential(
            *beginning,
            *_unit(nn.Conv2d(width, 2 * width, 3, 2, 1, bias=takes_bias(norm)), norm),
            *_unit(nn.Conv2d(2 * width, 4 * width, 3, 2, 1, bias=takes_bias(norm)), norm),
            *[_Block(4 * width, norm) for _ in range(blocks)],
            *_unit(nn.ConvTranspose2d(4 * width, 2 * width, 3, 2, 1, 1, bias=takes_bias(norm)), norm),
            *_unit(nn.ConvTranspose2d(2 * width, width, 3, 2, 1, 1, bias=takes_bias(norm)), norm),
            nn.ReflectionPad2d(3),
            _started(nn.Conv2d(width, shape[0], 7), norm),
            nn.Tanh(),
        )

    def forward(self, images: Tensor) -> Tensor:
        """(N, C, H, W), or the same as (N, latent_dim), to (N, C, H, W)."""
        return self.layers(images.reshape(-1, *self.shape))

    def first(self, images: Tensor) -> Tensor:
        """(N, latent_dim) to the first convolution's maps, before norm and activation, flattened."""
        return self.layers[:2](images.reshape(-1, *self.shape)).flatten(1)

    def features(self, images: Tensor) -> Tensor:
        """(N, latent_dim) to the first maps, flattened."""
        return self.layers[: self._stage](images.reshape(-1, *self.shape)).flatten(1)


class Discriminator(nn.Module):
    """Images (N, C, H, W) to a map of logits (N, 1, H', W'), one for each of the patches, which overlap.

    4 x 4 convolutions: `layers` of stride 2, one of stride 1, and one to a single map. With 1, 2, 3 and 4 layers a
    patch is 16, 34, 70 (the paper's) and 142 px wide. There is no norm behind the first.

    Args:
        shape: of an image, (C, H, W).
        width: channels after the first layer, doubled by each one to 8 times at most; the paper's is 64.
        layers: of stride 2.
        norm: by name.

    Raises:
        UsageError: for a shape with fewer pixels than the layers take, and as the translator.
    """

    def __init__(self, shape: tuple[int, ...], width: int, layers: int, norm: str) -> None:
        super().__init__()
        check_positive("discriminator", width=width, layers=layers)
        check_patches(shape, layers)
        channels = [min(2**n, 8) * width for n in range(layers + 1)]
        modules = [_started(nn.Conv2d(shape[0], width, 4, 2, 1), norm), nn.LeakyReLU(0.2, inplace=True)]
        for n in range(layers):
            stride = 1 if n == layers - 1 else 2
            convolution = nn.Conv2d(channels[n], channels[n + 1], 4, stride, 1, bias=takes_bias(norm))
            modules += [
                _started(convolution, norm),
                *normalise_maps(norm, channels[n + 1]),
                nn.LeakyReLU(0.2, inplace=True),
            ]
        self.layers = nn.Sequential(*modules, _started(nn.Conv2d(channels[-1], 1, 4, 1, 1), norm))

    def forward(self, images: Tensor) -> Tensor:
        """(N, C, H, W) to (N, 1, H', W')."""
        return self.layers(images)


class _Block(nn.Module):
    """Two 3 x 3 convolutions beside the identity (He et al. 2016), with no activation behind the sum."""

    def __init__(self, channels: int, norm: str) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            nn.ReflectionPad2d(1),
            *_unit(nn.Conv2d(channels, channels, 3, bias=takes_bias(norm)), norm),
            nn.ReflectionPad2d(1),
            _started(nn.Conv2d(channels, channels, 3, bias=takes_bias(norm)), norm),
            *normalise_maps(norm, channels),
        )

    def forward(self, maps: Tensor) -> Tensor:
        return maps + self.residual(maps)


def _unit(convolution: nn.Conv2d | nn.ConvTranspose2d, norm: str) -> list[nn.Module]:
    """Convolution, norm, ReLU."""
    return [_started(convolution, norm), *normalise_maps(norm, convolution.out_channels), nn.ReLU(inplace=True)]


def _started(convolution: nn.Conv2d | nn.ConvTranspose2d, norm: str) -> nn.Module:
    """The convolution at its starting point, and constrained from there."""
    nn.init.normal_(convolution.weight, 0.0, 0.02)
    if convolution.bias is not None:
        nn.init.zeros_(convolution.bias)
    return constrain(convolution, norm)
