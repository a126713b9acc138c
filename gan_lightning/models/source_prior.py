"""The latents of a translator: held-out samples of the domain that it translates from."""

from typing import final

from torch import Tensor

from gan_lightning.data.pairs import Pairs
from gan_lightning.priors import Numbers, Prior


@final
class SourcePrior(Prior):
    """Source samples in the networks' units, flattened; nothing in them is noise.

    Args:
        data: the two domains; their samples are loaded when the first latent is drawn.
        dim: numbers in a sample.
    """

    def __init__(self, data: Pairs, dim: int) -> None:
        self.data, self.dim, self.normal_dim = data, dim, 0

    def make(self, n: int, numbers: Numbers) -> Tensor:
        """n held-out source samples (n, dim); the first are the same for every n."""
        samples = self.data.held_out_source(n, numbers.randomness)
        return self.data.scale(samples).flatten(1).to(numbers.device, numbers.dtype)

    @property
    def words(self) -> str:
        """Samples."""
        return "samples of the source domain, flattened, in the units of the samples"

    @property
    def python(self) -> str:
        """Numbers of the same range, for want of samples."""
        return f"numpy.random.uniform(-1, 1, (16, {self.dim}))"
