"""Multilayer perceptrons, the networks of Goodfellow et al. 2014 (sec. 5): for points, and for small images flattened.

PyTorch's default initialisation. With `norm`, every hidden layer is normalised before its activation.
"""

from math import prod

from torch import Tensor, nn

from gan_lightning.networks.dense import DenseDiscriminator
from gan_lightning.networks.layers import Stack, activate, constrain, normalise_vectors, takes_bias
from gan_lightning.networks.limits import check_positive


class Generator(nn.Module):
    """Latents (N, latent_dim) to samples (N, *shape): images end with tanh, points with nothing.

    Args:
        shape: of a sample.
        latent_dim: dimensions of the latent.
        width: of each hidden layer.
        depth: number of hidden layers.
        activation: of the hidden layers, by name.
        norm: of the hidden layers, by name.

    Raises:
        UsageError: for an unknown name, a size below 1, or a norm that doesn't suit the width.
    """

    def __init__(
        self, shape: tuple[int, ...], latent_dim: int, width: int, depth: int, activation: str, norm: str
    ) -> None:
        super().__init__()
        check_positive("generator", latent_dim=latent_dim, width=width, depth=depth)
        self.latent_dim = latent_dim
        hidden = _hidden(latent_dim, width, depth, activation, norm)
        output = constrain(nn.Linear(width, prod(shape)), norm)
        ending = [nn.Tanh(), nn.Unflatten(1, shape)] if len(shape) == 3 else []
        self.layers = Stack(*hidden, output, *ending)
        self._stage = len(hidden) // depth  # modules of a hidden layer

    def forward(self, latents: Tensor, condition: Tensor | None = None) -> Tensor:
        """(N, latent_dim) to (N, *shape); a condition (N, K) goes to norms that take one."""
        return self.layers(latents, condition)

    def first(self, latents: Tensor) -> Tensor:
        """(N, latent_dim) to the first hidden layer's (N, width), before norm and activation."""
        return self.layers[0](latents)

    def features(self, latents: Tensor, condition: Tensor | None = None) -> Tensor:
        """(N, latent_dim) to the first hidden layer's (N, width)."""
        return self.layers[: self._stage](latents, condition)


class Discriminator(DenseDiscriminator):
    """Samples (N, *shape) to logits (N,); images are flattened.

    Args and Raises: as the generator's.
    """

    def __init__(self, shape: tuple[int, ...], width: int, depth: int, activation: str, norm: str) -> None:
        super().__init__()
        check_positive("discriminator", width=width, depth=depth)
        hidden = _hidden(prod(shape), width, depth, activation, norm)
        self.feature_dim = width
        self.layers = nn.Sequential(*hidden, constrain(nn.Linear(width, 1), norm))

    def forward(self, samples: Tensor) -> Tensor:
        """(N, *shape) to (N,)."""
        return super().forward(samples.flatten(1))

    def features(self, samples: Tensor) -> Tensor:
        """(N, *shape) to what the last layer sees, (N, feature_dim)."""
        return super().features(samples.flatten(1))


def _hidden(inputs: int, width: int, depth: int, activation: str, norm: str) -> list[nn.Module]:
    modules: list[nn.Module] = []
    for layer_inputs in [inputs] + [width] * (depth - 1):
        linear = nn.Linear(layer_inputs, width, bias=takes_bias(norm))
        modules += [constrain(linear, norm), *normalise_vectors(norm, width), activate(activation)]
    return modules
