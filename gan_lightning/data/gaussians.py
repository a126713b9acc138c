"""Points in the plane: mixtures of Gaussians whose density is known, and the swiss roll."""

from typing import Any, final

from torch import Tensor

from gan_lightning import noise
from gan_lightning.data.base import PointData, Samples
from gan_lightning.data.distributions import DISTRIBUTIONS, Distribution
from gan_lightning.data.kinds import settle


@final
class Gaussians(PointData):
    """A fixed training set drawn from a known distribution of points; the networks see it scaled to unit RMS.

    Args:
        kind: ring, grid, random or swiss_roll (`gan_lightning.data.distributions`).
        modes: number of Gaussians; None for the kind's own (ring 8, grid 25, random 10).
        radius: size of the figure, see each kind; None for the kind's own.
        sigma: standard deviation of each Gaussian, or of the noise about the roll; None for the kind's own.
        num_samples: size of the training set.
        **loading: as for `MemoryData`.

    Raises:
        UsageError: the kind can't have that many modes.
    """

    def __init__(
        self,
        kind: str,
        modes: int | None,
        radius: float | None,
        sigma: float | None,
        num_samples: int,
        **loading: Any,
    ) -> None:
        super().__init__(**loading)
        self.kind, self.settings = kind, settle(kind, modes, radius, sigma)
        self.num_samples = num_samples
        self.distribution: Distribution = DISTRIBUTIONS[kind].make(modes, radius, sigma)

    @property
    def title(self) -> str:
        """The kind and its settings."""
        settings = {name: value for name, value in self.settings._asdict().items() if value is not None}
        return f"{self.kind} ({', '.join(f'{name} {value:g}' for name, value in settings.items())})"

    @property
    def shape(self) -> tuple[int, ...]:
        """(2,)."""
        return (2,)

    def load(self) -> Samples:
        """`num_samples` points, float32 (N, 2), the same for the same seed."""
        return Samples(self.distribution.sample(self.num_samples, noise.generator(self.seed, 0)), None)

    def held_out(self, n: int, draw: int) -> Tensor:
        """n fresh points (n, 2) that training never sees; another `draw`, from 1 on, gives others."""
        return self.distribution.sample(n, noise.generator(self.seed, draw))

    def scale(self, stored: Tensor) -> Tensor:
        """Points divided by the distribution's root mean square coordinate."""
        return stored / self.distribution.rms

    def restore(self, samples: Tensor) -> Tensor:
        """The networks' units back to the plane's."""
        return samples * self.distribution.rms
