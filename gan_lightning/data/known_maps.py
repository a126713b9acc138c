"""Maps of digits that can be undone, so that what a translator should do is known; imports no torch.

A map is one function of the picture alone, the same for every digit: nothing is drawn, and no label is asked for.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, final

if TYPE_CHECKING:
    from torch import Tensor


class KnownMap(ABC):
    """From source pictures to target pictures, both uint8 (N, channels, S, S)."""

    channels: ClassVar[int]

    def source(self, digits: Tensor) -> Tensor:
        """Grey digits, uint8 (N, 1, S, S), as the source domain has them."""
        return digits.expand(-1, self.channels, -1, -1).contiguous()

    @abstractmethod
    def there(self, source: Tensor) -> Tensor:
        """The true translation."""

    @abstractmethod
    def back(self, target: Tensor) -> Tensor:
        """The inverse; of a picture that no source has, the source's nearest."""

    def digits(self, source: Tensor) -> Tensor:
        """The grey digits, uint8 (N, 1, S, S), of source pictures."""
        return source[:, :1]


@final
class Colour(KnownMap):
    """Ink of one colour on a ground of another; a grey source has three equal channels, so that shapes agree.

    The way back is the projection on the line between the two colours.
    """

    channels = 3
    GROUND: ClassVar = (0.0, 40.0, 112.0)
    """Of a black pixel, in grey levels. Red takes all 256, so that rounding loses nothing on the way back."""
    INK: ClassVar = (255.0, 208.0, 64.0)
    """Of a white one."""

    def there(self, source: Tensor) -> Tensor:
        """ground + v (ink - ground), with v the pixel's share of white, rounded to grey levels."""
        ground, step = self._line(source)
        return (ground + source[:, :1] / 255 * step).round().to(source.dtype)

    def back(self, target: Tensor) -> Tensor:
        """The share of white whose colour is nearest, as three equal channels."""
        ground, step = self._line(target)
        share = ((target.float() - ground) * step).sum(1, keepdim=True) / step.square().sum()
        return self.source((share.clamp(0, 1) * 255).round().to(target.dtype))

    def _line(self, like: Tensor) -> tuple[Tensor, Tensor]:
        """The ground, and the way from it to the ink, both (1, 3, 1, 1)."""
        ground, ink = (like.new_tensor(colour).float().view(1, 3, 1, 1) for colour in (self.GROUND, self.INK))
        return ground, ink - ground


@final
class Invert(KnownMap):
    """Black for white."""

    channels = 1

    def there(self, source: Tensor) -> Tensor:
        """255 - v."""
        return 255 - source

    def back(self, target: Tensor) -> Tensor:
        """255 - v."""
        return 255 - target


@final
class Rotate(KnownMap):
    """A quarter turn against the clock. Convolutions see a few pixels each, so this is the hard one."""

    channels = 1

    def there(self, source: Tensor) -> Tensor:
        """Turned by 90 degrees."""
        return source.rot90(1, (2, 3))

    def back(self, target: Tensor) -> Tensor:
        """Turned by -90 degrees."""
        return target.rot90(-1, (2, 3))


MAPS: dict[str, type[KnownMap]] = {"colour": Colour, "invert": Invert, "rotate": Rotate}
"""The maps that `data.map` names."""
