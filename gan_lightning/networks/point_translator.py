"""A translator of points for CycleGAN, whose paper has images alone: a perceptron that says how far a point moves."""

from torch import Tensor, nn

from gan_lightning.networks import mlp
from gan_lightning.networks.limits import check_translated_points


class Generator(nn.Module):
    """Points (N, D) to points (N, D): x + MLP(x), as CycleGAN's blocks add to what they are given.

    Args:
        shape: of a point, (D,).
        width, depth, activation, norm: of the hidden layers, see `mlp.Generator`.

    Raises:
        UsageError: if the data isn't points, and as `mlp.Generator`.
    """

    def __init__(self, shape: tuple[int, ...], width: int, depth: int, activation: str, norm: str) -> None:
        super().__init__()
        check_translated_points(shape)
        self.latent_dim = shape[0]
        self.move = mlp.Generator(shape, self.latent_dim, width, depth, activation, norm)

    def forward(self, points: Tensor) -> Tensor:
        """(N, D) to (N, D)."""
        return points + self.move(points)

    def first(self, points: Tensor) -> Tensor:
        """(N, D) to the first hidden layer's (N, width), before norm and activation."""
        return self.move.first(points)

    def features(self, points: Tensor) -> Tensor:
        """(N, D) to the first hidden layer's (N, width)."""
        return self.move.features(points)
