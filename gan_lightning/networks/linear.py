"""The pair of the linear-Gaussian demonstration (d2l.ai, "Generative Adversarial Networks"): data x = z A + b in 2-D.

The generator can be exactly right, so what is left is the game itself. PyTorch's default initialisation.
"""

from torch import Tensor, nn

from gan_lightning.networks.dense import DenseDiscriminator
from gan_lightning.networks.layers import constrain, normalise_vectors, takes_bias
from gan_lightning.networks.limits import check_points, check_positive


class Generator(nn.Module):
    """Latents (N, latent_dim) to points (N, D) by one affine map.

    Args:
        shape: of a point, (D,).
        latent_dim: dimensions of the latent.

    Raises:
        UsageError: if the data isn't points, or `latent_dim` is below 1.
    """

    def __init__(self, shape: tuple[int, ...], latent_dim: int) -> None:
        super().__init__()
        check_positive("generator", latent_dim=latent_dim)
        self.latent_dim = latent_dim
        self.affine = nn.Linear(latent_dim, _dimensions(shape))

    def forward(self, latents: Tensor, condition: Tensor | None = None) -> Tensor:
        """(N, latent_dim) to (N, D); there is no norm that a condition could go to."""
        return self.affine(latents)

    def first(self, latents: Tensor) -> Tensor:
        """(N, latent_dim) to (N, D): the one layer there is."""
        return self.affine(latents)

    def features(self, latents: Tensor, condition: Tensor | None = None) -> Tensor:
        """(N, latent_dim) to (N, D): the one layer there is."""
        return self.affine(latents)


class Discriminator(DenseDiscriminator):
    """Points (N, D) to logits (N,) by hidden layers of 5 and 3 with tanh.

    Args:
        shape: of a point, (D,).
        norm: of the hidden layers, by name.

    Raises:
        UsageError: if the data isn't points, or the norm is unknown or doesn't suit layers as narrow.
    """

    def __init__(self, shape: tuple[int, ...], norm: str) -> None:
        super().__init__()
        modules: list[nn.Module] = []
        for inputs, width in [(_dimensions(shape), 5), (5, 3)]:
            linear = nn.Linear(inputs, width, bias=takes_bias(norm))
            modules += [constrain(linear, norm), *normalise_vectors(norm, width), nn.Tanh()]
        self.feature_dim = 3
        self.layers = nn.Sequential(*modules, constrain(nn.Linear(3, 1), norm))


def _dimensions(shape: tuple[int, ...]) -> int:
    check_points("linear", shape)
    return shape[0]
